-- Grain: month, deliverer_id, staff_id.
select
    s.delivery_month as month,
    s.deliverer_id,
    s.staff_id,
    s.staff_key,
    s.org_code as institution_id,
    s.gender as gender_code,
    s.birth_year,
    s.staff_type,
    s.title_level,
    s.title_name,
    s.education as education_code,
    s.gp_flag,
    s.nhsa_doctor_code as doctor_code,
    s.bianzhi_type as employment_type,
    s.hire_date,
    s.leave_date,
    s.leave_reason,
    coalesce(s.hire_date <= m.last_day, true)
    and coalesce(s.leave_date > m.last_day, true) as is_in_post,
    coalesce(s.hire_date <= m.last_day_year_before, true)
    and coalesce(s.leave_date > m.last_day_year_before, true) as was_in_post_year_before,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('stg_his_staff') }} as s
inner join {{ ref('dim_month') }} as m
    on s.delivery_month = m.month
