-- KPI-003: minutes used over minutes available, for large equipment in use. Two kinds of rows: the equipment of
-- the month (below the line) and each use of it (above the line). KPI-090 below the line: days of institutions that
-- have a CT in use, on the first one.
with large_equipment as (
    select
        e.month,
        e.deliverer_id,
        e.equipment_id,
        e.institution_id,
        e.event_date,
        e.available_minutes,
        case
            when
                e.equipment_class = 'CT'
                and row_number() over (
                    partition by e.month, e.institution_id, e.equipment_class
                    order by
                        e.deliverer_id asc nulls last,
                        e.equipment_id asc nulls last
                ) = 1
                then {{ days_between('m.first_day', 'm.last_day') }} + 1
        end as ct_days,
        e.source_batch_id,
        e.source_file,
        e.source_line
    from {{ ref('fct_equipment_month') }} as e
    inner join {{ ref('dim_month') }} as m
        on e.month = m.month
    inner join {{ ref('policy_code') }} as c
        on
            e.month = c.month
            and c.code_set = 'large_equipment_class'
            and e.equipment_class = c.code
    where
        e.status = '1'
        and e.available_minutes is not null
)

select
    e.month,
    e.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    e.event_date,
    0 as used_minutes,
    e.available_minutes,
    e.ct_days,
    'his_equipment' as source_feed,
    e.source_batch_id,
    e.source_file,
    e.source_line
from large_equipment as e

union all

select
    u.month,
    e.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    u.event_date,
    u.use_minutes as used_minutes,
    cast(null as decimal(18, 4)) as available_minutes,
    cast(null as bigint) as ct_days,
    'his_equipment_use' as source_feed,
    u.source_batch_id,
    u.source_file,
    u.source_line
from {{ ref('fct_equipment_use') }} as u
inner join large_equipment as e
    on
        u.deliverer_id = e.deliverer_id
        and u.equipment_id = e.equipment_id
        and u.month = e.month
where u.use_minutes is not null
