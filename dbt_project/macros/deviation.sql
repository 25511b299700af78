{# Cost of a case against the mean of its group, by the columns that rules of DIP and of DRG share: lower_bound, lower_inclusive,
   upper_bound, upper_inclusive, ratio_cap, beyond_cap, institution_factor_on. Calculations of the casemix models only. #}

{# Two columns. What is compared is rounded, or a ratio that stands on a bound would fall beside it by the way doubles are written;
   what is paid by is not, or a ten-thousandth of a fen would be lost in it. #}
{% macro cost_ratio(cost, mean) -%}
{{ quotient(cost, mean) }} as paid_ratio,
        round({{ quotient(cost, mean) }}, 12) as cost_ratio
{%- endmacro %}

{# A ratio that is not known is normal. #}
{% macro deviation_of_ratio() -%}
when cost_ratio < lower_bound or (cost_ratio = lower_bound and lower_inclusive = 1) then 'low'
            when cost_ratio > upper_bound or (cost_ratio = upper_bound and upper_inclusive = 1) then 'high'
            else 'normal'
{%- endmacro %}

{# The part of the institution's factor that is added to what lies above the upper bound. #}
{% macro base_factor() -%}
case when institution_factor_on = 'base' then institution_factor else 1 end
{%- endmacro %}

{# Low counts t times, high t - upper + 1 times (or + the institution's factor); beyond the cap as the cap does, or as normal. #}
{% macro factor_of_deviation() -%}
case deviation
            when 'low' then paid_ratio
            when 'normal' then 1
            when 'high' then
                case
                    when coalesce(cost_ratio > ratio_cap, false) and beyond_cap = 'as_normal' then base_factor
                    when coalesce(cost_ratio > ratio_cap, false) then ratio_cap - upper_bound + base_factor
                    else paid_ratio - upper_bound + base_factor
                end
        end
{%- endmacro %}

{# What the institution's factor multiplies beside that. #}
{% macro factor_of_institution() -%}
case
            when institution_factor_on = 'all' then institution_factor
            when institution_factor_on = 'base' and deviation = 'normal' then institution_factor
            else 1
        end
{%- endmacro %}

{# Half a fen counts as one: what is a half in decimals must not become less by the way doubles are written, and what is less by a
   hundred-thousandth of a fen must not become a half. Good for cases of up to ten million yuan. #}
{% macro rounded_fen(amount) -%}
cast(floor(round({{ amount }}, 6) + 0.5) as bigint)
{%- endmacro %}
