{# Divisions. A bare "/" is never written elsewhere: its result type differs by engine, and 1/0 is not a number. #}

{# Whole part of a quotient of two non-negative integers; null when the divisor is 0. #}
{% macro integer_divide(dividend, divisor) -%}
    {{ return(adapter.dispatch('integer_divide')(dividend, divisor)) }}
{%- endmacro %}

{% macro default__integer_divide(dividend, divisor) -%}
    {{ return("((" ~ dividend ~ ") // nullif(" ~ divisor ~ ", 0))") }}
{%- endmacro %}

{% macro spark__integer_divide(dividend, divisor) -%}
    {{ return("((" ~ dividend ~ ") div nullif(" ~ divisor ~ ", 0))") }}
{%- endmacro %}

{# Integer quotient rounded half up, for non-negative integers: floor((2a + b) / 2b). Exact, so safe for money. #}
{% macro divide_half_up(dividend, divisor) -%}
    {{ return(integer_divide("2 * (" ~ dividend ~ ") + (" ~ divisor ~ ")", "2 * (" ~ divisor ~ ")")) }}
{%- endmacro %}

{# Quotient as a double; null when the divisor is 0 or null. Round it where it is stored. #}
{% macro quotient(dividend, divisor) -%}
    {{ return("(cast(" ~ dividend ~ " as double) / nullif(cast(" ~ divisor ~ " as double), 0))") }}
{%- endmacro %}
