{# Categories of ICD-10 that only one sex can have: pregnancy, female and male organs. #}
{% macro of_women(category) -%}
    (
        {{ category }} between 'O00' and 'O99'
        or {{ category }} between 'N70' and 'N98'
        or {{ category }} between 'C51' and 'C58'
        or {{ category }} between 'D25' and 'D28'
        or {{ category }} between 'Z32' and 'Z39'
    )
{%- endmacro %}

{% macro of_men(category) -%}
    (
        {{ category }} between 'N40' and 'N51'
        or {{ category }} between 'C60' and 'C63'
        or {{ category }} = 'D29'
    )
{%- endmacro %}
