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

{#
  Bound of Wilson's score interval at 95 % of a share: `-` the lower, `+` the upper one (Wilson 1927, JASA 22:209), written
  over n² so that one division is left: (2x + z² ∓ z √(z² + 4x(n − x)/n)) / 2(n + z²).
#}
{% macro wilson(numerator, denominator, sign) -%}
    {%- set x = "cast(" ~ numerator ~ " as double)" -%}
    {%- set n = "cast(" ~ denominator ~ " as double)" -%}
    {%- set z = "1.959963984540054" -%}
    {%- set spread = "sqrt(" ~ z ~ " * " ~ z ~ " + " ~ quotient("4 * " ~ x ~ " * (" ~ n ~ " - " ~ x ~ ")", denominator) ~ ")" -%}
    {{ return(quotient(
        "2 * " ~ x ~ " + " ~ z ~ " * " ~ z ~ " " ~ sign ~ " " ~ z ~ " * " ~ spread, "2 * (" ~ n ~ " + " ~ z ~ " * " ~ z ~ ")"
    )) }}
{%- endmacro %}
