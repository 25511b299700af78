{# The internal market: what every service that happened is described by. #}

{# Services that feeds of their own tell of; of all others the transaction itself is the record. #}
{% macro services_with_a_feed() -%}
    {{ return([
        'TELE-CON', 'TELE-IMG', 'TELE-ECG', 'TELE-US', 'OUT-CLINIC', 'OUT-ROUND', 'UP-PREP', 'DOWN-REHAB', 'CHRON-PKG',
        'LAB-HUB', 'EXAM-HUB', 'SURG-7030'
    ]) }}
{%- endmacro %}

{#
  The facts that prices ask for, in their order; null where a kind of service does not know one.
  hundredth_hours: how long, in hundredths of an hour. fee_fen: what the patient was charged. volume: how much was done.
  gate_days: days until it was recognised. is_measured: a follow-up has its reading.
#}
{% macro market_facts(
    quantity='1', hundredth_hours='null', fee_fen='null', report_minutes='null', has_check_in='null', volume='null',
    gate_days='null', is_closed='null', is_measured='null', is_cancelled='false', is_timed_out='false'
) -%}
        cast({{ quantity }} as bigint) as quantity,
        cast({{ hundredth_hours }} as bigint) as hundredth_hours,
        cast({{ fee_fen }} as bigint) as fee_fen,
        cast({{ report_minutes }} as bigint) as report_minutes,
        cast({{ has_check_in }} as boolean) as has_check_in,
        cast({{ volume }} as bigint) as volume,
        cast({{ gate_days }} as bigint) as gate_days,
        cast({{ is_closed }} as boolean) as is_closed,
        cast({{ is_measured }} as boolean) as is_measured,
        cast({{ is_cancelled }} as boolean) as is_cancelled,
        cast({{ is_timed_out }} as boolean) as is_timed_out
{%- endmacro %}

{# Whole minutes from a request to its report; a report before its request came at once. #}
{% macro minutes_to_report(request, report) -%}
    {{ return(integer_divide(
        seconds_between(request, 'greatest(' ~ report ~ ', ' ~ request ~ ')') ~ ' * case when ' ~ report ~ ' is not null then 1 end', '60'
    )) }}
{%- endmacro %}
