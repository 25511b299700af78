-- Every event of a month, and why the evidence of its subject leaves it out: the first reason that applies, else null.
with equipment as (
    select
        m.month,
        m.deliverer_id,
        m.equipment_id,
        m.institution_id,
        m.event_date,
        case
            when c.code is null then 'other_kind'
            when coalesce(m.status, '0') <> '1' then 'void'
            when m.available_minutes is null then 'amount_unknown'
        end as reason,
        m.source_batch_id,
        m.source_file,
        m.source_line
    from {{ ref('fct_equipment_month') }} as m
    left join {{ ref('policy_code') }} as c
        on
            m.month = c.month
            and c.code_set = 'large_equipment_class'
            and m.equipment_class = c.code
)

select
    'equipment' as subject,
    q.month,
    q.institution_id,
    q.event_date,
    q.reason,
    'his_equipment' as source_feed,
    q.source_batch_id,
    q.source_file,
    q.source_line
from equipment as q

union all

select
    'equipment' as subject,
    u.month,
    u.institution_id,
    u.event_date,
    case
        when q.equipment_id is null then 'other_kind'
        when q.reason is not null then 'of_equipment_left_out'
        when u.use_minutes is null then 'amount_unknown'
    end as reason,
    'his_equipment_use' as source_feed,
    u.source_batch_id,
    u.source_file,
    u.source_line
from {{ ref('fct_equipment_use') }} as u
inner join {{ ref('policy_parameter') }} as p
    on u.month = p.month
left join equipment as q
    on
        u.deliverer_id = q.deliverer_id
        and u.equipment_id = q.equipment_id
        and u.month = q.month

union all

select
    'staff' as subject,
    s.month,
    s.institution_id,
    m.last_day as event_date,
    case
        when c.code is null then 'other_kind'
    end as reason,
    'his_staff' as source_feed,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('dim_staff_month') }} as s
inner join {{ ref('dim_month') }} as m
    on s.month = m.month
left join {{ ref('dim_institution') }} as i
    on s.institution_id = i.institution_id
left join {{ ref('policy_code') }} as c
    on
        s.month = c.month
        and s.staff_type = c.code
        and (
            (c.code_set = 'physician_staff_type' and i.institution_tier in ('township', 'community'))
            or (c.code_set = 'village_physician_staff_type' and i.institution_tier = 'village')
        )

union all

select
    'settlement' as subject,
    s.month,
    s.institution_id,
    s.event_date,
    case
        when e.source_line is null then 'no_base'
    end as reason,
    'si_settlement' as source_feed,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('fct_settlement') }} as s
inner join {{ ref('policy_parameter') }} as p
    on s.month = p.month
left join {{ ref('kpi_evidence__settlement') }} as e
    on
        s.source_batch_id = e.source_batch_id
        and s.source_line = e.source_line
        and e.source_feed = 'si_settlement'
