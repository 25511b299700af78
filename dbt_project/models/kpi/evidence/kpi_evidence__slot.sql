-- KPI-002: of the expert slots that took place, how many were released to primary care early enough.
select
    s.month,
    s.institution_id,
    s.department_code,
    s.staff_id,
    cast(null as string) as person_key,
    s.event_date,
    case
        when
            s.channel = '02'
            and {{ seconds_between('s.released_at', 's.slot_time') }}
            >= p.expert_slot_release_hours * 3600
            then 1
        else 0
    end as early_released_expert_slots,
    1 as expert_slots,
    'his_slot' as source_feed,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('fct_slot') }} as s
inner join {{ ref('policy_parameter') }} as p
    on s.month = p.month
where
    s.slot_type = '2'
    and s.status <> '4'
