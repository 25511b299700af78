-- KPI-010: bed days of discharged inpatients over discharges; day surgery and very long stays are kept apart.
select
    s.month,
    s.institution_id,
    s.department_code,
    s.staff_id,
    s.person_key,
    s.event_date,
    s.los_days as typical_bed_days,
    1 as typical_stays,
    'his_ip_stay' as source_feed,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('fct_inpatient_stay') }} as s
inner join {{ ref('policy_parameter') }} as p
    on s.month = p.month
where
    s.is_valid
    and s.stay_type = '1'
    and s.los_days <= p.long_stay_days
