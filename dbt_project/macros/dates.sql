{# Dates and times: the few expressions that DuckDB and Spark spell differently. #}

{# 'YYYY-MM' of a date or timestamp expression. #}
{% macro month_of(moment) -%}
    substr(cast(cast({{ moment }} as date) as string), 1, 7)
{%- endmacro %}

{# Whole days from one date to a later one (negative when it is earlier). Dates only. #}
{% macro days_between(first, second) -%}
    {{ return(adapter.dispatch('days_between')(first, second)) }}
{%- endmacro %}

{% macro default__days_between(first, second) -%}
    {{ return("date_diff('day', " ~ first ~ ", " ~ second ~ ")") }}
{%- endmacro %}

{% macro spark__days_between(first, second) -%}
    {{ return("datediff(" ~ second ~ ", " ~ first ~ ")") }}
{%- endmacro %}

{# Seconds from one timestamp to a later one. #}
{% macro seconds_between(first, second) -%}
    {{ return(adapter.dispatch('seconds_between')(first, second)) }}
{%- endmacro %}

{% macro default__seconds_between(first, second) -%}
    {{ return("date_diff('second', " ~ first ~ ", " ~ second ~ ")") }}
{%- endmacro %}

{% macro spark__seconds_between(first, second) -%}
    {{ return("(unix_timestamp(" ~ second ~ ") - unix_timestamp(" ~ first ~ "))") }}
{%- endmacro %}
