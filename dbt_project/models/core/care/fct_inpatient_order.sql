-- Grain: deliverer_id, institution_id, order_id.
-- Booked when it began; what was ordered in words stays in staging.
select
    o.deliverer_id,
    o.order_id,
    o.org_code as institution_id,
    {{ month_of('o.start_time') }} as month,
    cast(o.start_time as date) as event_date,
    o.visit_id,
    s.department_code,
    o.staff_id,
    s.person_key,
    o.order_type,
    o.order_class,
    o.item_code,
    o.freq as frequency_code,
    o.start_time as begin_time,
    o.stop_time as end_time,
    o.status,
    coalesce(s.is_test_patient, false) as is_test_patient,
    o.status <> '3' and not coalesce(s.is_test_patient, false) as is_valid,
    o.source_batch_id,
    o.source_file,
    o.source_line
from {{ ref('stg_his_ip_order') }} as o
left join {{ ref('fct_inpatient_stay') }} as s
    on
        o.deliverer_id = s.deliverer_id
        and o.org_code = s.institution_id
        and o.visit_id = s.visit_id
