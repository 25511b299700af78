{# Dates and times: the few expressions that DuckDB and Spark spell differently. #}

{# 'YYYY-MM' of a date or timestamp expression. #}
{% macro month_of(moment) -%}
    substr(cast(cast({{ moment }} as date) as string), 1, 7)
{%- endmacro %}

{# Year of a date or timestamp expression. #}
{% macro year_of(moment) -%}
    cast(substr(cast(cast({{ moment }} as date) as string), 1, 4) as integer)
{%- endmacro %}

{# Number of its month, as `dim_month` counts months. #}
{% macro month_number_of(moment) -%}
    ({{ year_of(moment) }} * 12 + cast(substr(cast(cast({{ moment }} as date) as string), 6, 2) as integer))
{%- endmacro %}

{# The Monday of its week (1 January 1900 was one). #}
{% macro week_of(moment) -%}
    {%- set day = 'cast(' ~ moment ~ ' as date)' -%}
    {%- set since = days_between("cast('1900-01-01' as date)", day) -%}
    ({{ day }} - cast({{ since }} - 7 * {{ integer_divide(since, '7') }} as integer))
{%- endmacro %}

{# Does a text with ISO dates in it name one of the year, up to the given month of it? Null text: null. #}
{% macro dated_this_year(text, year, month_of_year) -%}
    (
        {%- for number in range(1, 13) %}
        {{ 'or ' if not loop.first }}({{ month_of_year }} >= {{ number }}
        and position(cast({{ year }} as string) || '-{{ '%02d' % number }}-' in {{ text }}) > 0)
        {%- endfor %}
    )
{%- endmacro %}

{# Whole days from one date to a later one (negative when it is earlier). Dates only. #}
{% macro days_between(first, second) -%}
    {{ return(adapter.dispatch('days_between')(first, second)) }}
{%- endmacro %}

{% macro default__days_between(first, second) -%}
    {{ return("date_diff('day', " ~ first ~ ", " ~ second ~ ")") }}
{%- endmacro %}

{% macro spark__days_between(first, second) -%}
    {{ return("cast(datediff(" ~ second ~ ", " ~ first ~ ") as bigint)") }}
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
