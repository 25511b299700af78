-- Grain: institution_id, month, event_key, role, staff_id.
-- What a person did in a quarter and what points it earned, event by event with its line: the points of a sheet are the
-- sum of these, both of one build. Work at a village clinic stands with the institution that keeps it.
select
    {{ kept_with('i') }} as institution_id,
    q.month,
    w.month as work_month,
    w.staff_id,
    w.institution_id as worked_at,
    w.event_key,
    w.role,
    w.event_kind,
    w.event_date,
    w.code,
    w.rule_id,
    w.units,
    w.event_points,
    w.points,
    w.source_feed,
    w.source_batch_id,
    w.source_file,
    w.source_line,
    m.release_id
from {{ ref('kpi_window') }} as q
inner join {{ ref('dim_month') }} as m
    on q.month = m.month
inner join {{ ref('staff_work') }} as w
    on q.member_month = w.month
inner join {{ ref('dim_institution') }} as i
    on w.institution_id = i.institution_id
where
    q.kpi_window = 'quarter'
    and m.month_of_year in (3, 6, 9, 12)
    and w.is_counted
