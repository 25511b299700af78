-- Grain: deliverer_id, service_id.
-- A service belongs to the month in which it is due, or was given where no due date is known; the institution and the
-- physician are those of its contract.
select
    s.deliverer_id,
    s.svc_id as service_id,
    s.contract_id,
    c.institution_id,
    {{ month_of('coalesce(s.plan_date, s.svc_time)') }} as month,
    cast(coalesce(s.plan_date, s.svc_time) as date) as event_date,
    c.person_key,
    c.staff_id,
    s.svc_staff as serving_staff_id,
    s.item_code,
    s.plan_date,
    s.svc_time as service_time,
    s.done as done_flag,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('stg_ph_contract_service') }} as s
left join {{ ref('fct_contract') }} as c
    on
        s.deliverer_id = c.deliverer_id
        and s.contract_id = c.contract_id
