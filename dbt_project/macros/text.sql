{# Text: code categories and the comma lists of the registry. #}

{# ICD-10 category: the first three characters of a code, upper case; null when there is no code. #}
{% macro icd_category(code) -%}
    nullif(upper(substr(trim({{ code }}), 1, 3)), '')
{%- endmacro %}

{# The different texts of a group, in order, with commas between them. #}
{% macro joined_text(value) -%}
    {{ return(adapter.dispatch('joined_text')(value)) }}
{%- endmacro %}

{% macro default__joined_text(value) -%}
    {{ return("string_agg(distinct " ~ value ~ ", ',' order by " ~ value ~ " asc nulls last)") }}
{%- endmacro %}

{% macro spark__joined_text(value) -%}
    {{ return("array_join(sort_array(collect_set(" ~ value ~ ")), ',')") }}
{%- endmacro %}

{# Is the value one of a comma-separated list (no spaces)? #}
{% macro in_list(value, list) -%}
    position(',' || {{ value }} || ',' in ',' || {{ list }} || ',') > 0
{%- endmacro %}

{#
  A number not below 0 as people write it (80, 87.5; at most six decimals). What a cast makes of a decimal differs by engine, so it
  is put together from whole numbers.
#}
{% macro number_text(number) -%}
    {%- set parts = millionths(number) -%}
    {%- set whole = integer_divide(parts, '1000000') -%}
    {%- set decimals = "substr(cast(1000000 + " ~ parts ~ " - 1000000 * " ~ whole ~ " as string), 2)" -%}
    {{ return("cast(" ~ whole ~ " as string) || case when " ~ parts ~ " = 1000000 * " ~ whole ~ " then ''"
        ~ " else replace(trim(replace('.' || " ~ decimals ~ ", '0', ' ')), ' ', '0') end") }}
{%- endmacro %}
