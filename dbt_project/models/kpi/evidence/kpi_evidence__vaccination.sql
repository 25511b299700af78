-- Doses of the national programme that were due in the month, without those that a contraindication forbids.
select
    v.month,
    v.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    v.event_date,
    1 as doses_due,
    case
        when {{ days_between('v.event_date', 'v.vaccination_date') }} <= p.vaccination_grace_days then 1
        else 0
    end as doses_in_time,
    'ph_immunisation' as source_feed,
    v.source_batch_id,
    v.source_file,
    v.source_line
from {{ ref('fct_vaccination') }} as v
inner join {{ ref('policy_parameter') }} as p
    on v.month = p.month
where coalesce(v.contraindication_flag, '0') <> '1'
