{# Rules of settlement lists: a condition for each, one row for each list and rule that is broken. #}

{#
  rules: {rule_id: [condition that is broken, what stands there as text]}, over the columns of settlement_list_checked.
  The rules and their words are the seed settlement_list_rule.
#}
{% macro broken_list_rules(rules) -%}
    {%- for rule_id, rule in rules.items() %}
    select
        deliverer_id,
        settlement_id,
        '{{ rule_id }}' as rule_id,
        {{ rule[1] }} as found
    from {{ ref('settlement_list_checked') }}
    where {{ rule[0] }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
