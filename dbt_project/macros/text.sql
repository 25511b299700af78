{# Text: code categories and the comma lists of the registry. #}

{# ICD-10 category: the first three characters of a code, upper case; null when there is no code. #}
{% macro icd_category(code) -%}
    nullif(upper(substr(trim({{ code }}), 1, 3)), '')
{%- endmacro %}

{# Is the value one of a comma-separated list (no spaces)? #}
{% macro in_list(value, list) -%}
    position(',' || {{ value }} || ',' in ',' || {{ list }} || ',') > 0
{%- endmacro %}
