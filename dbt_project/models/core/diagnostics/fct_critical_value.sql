-- Grain: deliverer_id, critical_value_id.
-- Booked at the institution that ordered the report: it has to act. Told by the report, so only of laboratory reports.
select
    c.deliverer_id,
    c.cv_id as critical_value_id,
    c.report_id,
    r.ordering_institution_id as institution_id,
    {{ month_of('c.found_time') }} as month,
    cast(c.found_time as date) as event_date,
    r.person_key,
    c.found_time,
    c.notify_time,
    c.ack_time as acknowledged_at,
    c.handle_time as handled_at,
    coalesce(r.is_test_patient, false) as is_test_patient,
    c.source_batch_id,
    c.source_file,
    c.source_line
from {{ ref('stg_his_critical_value') }} as c
left join {{ ref('fct_lab_report') }} as r
    on
        c.deliverer_id = r.deliverer_id
        and c.report_id = r.report_id
