{#
  Every event of the months, and why the evidence of its subject leaves it out: the first reason that applies, else null.

  event    the model whose rows e are the events
  reasons  {reason (seeds/left_out_reason.csv): condition over e and whatever is joined}
  codes    {alias: [column, code set, ...]}: code lists of the policy that conditions ask for
  counted  true: k is the event's line in the evidence (of whatever month), for rules that look at more than the event itself

  What else conditions need is joined in the block of a call.
#}
{% macro left_out(
    subject, feed, event, reasons, institution='e.institution_id', month='e.month', day='e.event_date', codes={}, counted=false
) -%}
select
    '{{ subject }}' as subject,
    m.month,
    {{ institution }} as institution_id,
    {{ day }} as event_date,
    case
        {%- for reason, condition in reasons.items() %}
        when {{ condition }} then '{{ reason }}'
        {%- endfor %}
    end as reason,
    '{{ feed }}' as source_feed,
    e.source_batch_id,
    e.source_file,
    e.source_line
from {{ ref(event) }} as e
{%- if caller %}
{{ caller() | trim }}
{%- endif %}
inner join {{ ref('dim_month') }} as m
    on {{ month }} = m.month
{%- for alias, asked in codes.items() %}
left join {{ ref('policy_code') }} as {{ alias }}
    on
        m.month = {{ alias }}.month
        and {{ asked[0] }} = {{ alias }}.code
        and {{ alias }}.code_set in ('{{ asked[1:] | join("', '") }}')
{%- endfor %}
{%- if counted %}
left join (
    select distinct
        n.source_batch_id,
        n.source_line
    from {{ ref('kpi_evidence__' ~ subject) }} as n
    where n.source_feed = '{{ feed }}'
) as k
    on
        e.source_batch_id = k.source_batch_id
        and e.source_line = k.source_line
{%- endif %}
{%- endmacro %}
