{#
  Policy tables are effective-dated. A month is always computed with the row in force on its last day.
#}
{% macro in_force(policy, last_day) -%}
    {{ policy }}.effective_from <= {{ last_day }}
    and ({{ policy }}.effective_to is null or {{ policy }}.effective_to >= {{ last_day }})
{%- endmacro %}
