-- Grain: deliverer_id, institution_id, visit_id.
select
    s.deliverer_id,
    s.visit_id,
    s.org_code as institution_id,
    {{ month_of('s.discharge_time') }} as month,
    cast(s.discharge_time as date) as event_date,
    s.admit_time,
    cast(s.admit_time as date) as admit_date,
    s.discharge_time,
    s.patient_key,
    coalesce(p.person_key, s.patient_key) as person_key,
    coalesce(s.discharge_dept, s.admit_dept) as department_code,
    s.attending_staff as staff_id,
    s.admit_way,
    s.discharge_way,
    coalesce(s.ip_med_type, '1') as stay_type,
    case
        -- A clock that was wrong gives no length of stay rather than one day (V37).
        when cast(s.discharge_time as date) >= cast(s.admit_time as date)
            then greatest(1, {{ days_between('cast(s.admit_time as date)', 'cast(s.discharge_time as date)') }})
    end as los_days,
    s.referral_id,
    s.mdtrt_id as insurance_visit_id,
    s.status,
    coalesce(p.is_test, false) as is_test_patient,
    s.status = '2' and not coalesce(p.is_test, false) as is_valid,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('stg_his_ip_stay') }} as s
left join {{ ref('dim_patient') }} as p
    on s.patient_key = p.patient_key
