-- All levels in one table; those of institutions stand in mart_kpi_value too. Figures of single members of staff are
-- theirs: published where policy says so, and never below the smallest sample, whatever else their status says.
select
    v.month,
    v.kpi_window,
    v.unit_level,
    v.unit_id,
    coalesce(u.unit_name, e.department_name, v.unit_id) as unit_name,
    v.institution_id,
    v.kpi_id,
    v.numerator,
    v.denominator,
    v.value,
    v.value_low,
    v.value_high,
    v.unit,
    v.status,
    s.baseline,
    s.target,
    s.challenge,
    s.score,
    v.sample_size,
    v.months_present,
    v.months_due,
    v.missing_deliveries,
    m.release_id
from {{ ref('kpi_value') }} as v
inner join {{ ref('dim_month') }} as m
    on v.month = m.month
inner join {{ ref('policy_parameter') }} as p
    on v.month = p.month
inner join {{ ref('dim_kpi') }} as k
    on v.kpi_id = k.kpi_id
inner join {{ ref('score_value') }} as s
    on
        v.month = s.month
        and v.kpi_window = s.kpi_window
        and v.unit_level = s.unit_level
        and v.unit_id = s.unit_id
        and v.kpi_id = s.kpi_id
left join {{ ref('dim_unit') }} as u
    on
        v.unit_level = u.unit_level
        and v.unit_id = u.unit_id
left join {{ ref('dim_department') }} as e
    on case when v.unit_level = 'department' then v.unit_id end = e.unit_id
where
    v.status <> 'not_applicable'
    and (v.unit_level <> 'physician' or (p.publish_physician_values = 1 and v.sample_size >= k.minimum_sample))
