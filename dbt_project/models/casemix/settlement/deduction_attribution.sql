-- Grain: deliverer_id, deduction_id.
-- Each deduction by audit, and whose it is: as the notice says, else by the stay that was settled. A doctor whom the
-- notice names and nobody knows is not taken for another. What belongs to nobody is a row as well, so that all of them
-- are what the insurer told. REQ-154.
with stay as (
    select
        institution_id,
        insurance_visit_id,
        min(department_code) as department_code,
        min(staff_id) as staff_id
    from {{ ref('fct_inpatient_stay') }}
    where insurance_visit_id is not null
    group by
        institution_id,
        insurance_visit_id
    having count(*) = 1
),

-- A physician may have several numbers in one institution: the lowest stands for the person.
physician as (
    select
        institution_id,
        doctor_code,
        min(staff_id) as staff_id
    from {{ ref('dim_staff_month') }}
    where doctor_code is not null
    group by
        institution_id,
        doctor_code
)

select
    d.deliverer_id,
    d.deduction_id,
    d.month,
    d.event_date,
    d.institution_id,
    coalesce(d.department_code, t.department_code) as department_code,
    case when d.doctor_code is null then t.staff_id else p.staff_id end as staff_id,
    case
        when d.department_code is not null then 'notice'
        when t.department_code is not null then 'stay'
        else 'nobody'
    end as department_by,
    case
        when p.staff_id is not null then 'notice'
        when d.doctor_code is null and t.staff_id is not null then 'stay'
        else 'nobody'
    end as physician_by,
    d.settlement_id,
    s.care_kind,
    coalesce(s.insurance_type_code, '-') as insurance,
    d.rule_code,
    case d.appeal_status
        when '0' then 'none'
        when '1' then 'pending'
        when '2' then 'won'
        when '3' then 'lost'
    end as appeal,
    d.amount_fen,
    d.final_fen,
    d.amount_fen - d.final_fen as returned_fen,
    d.source_batch_id,
    d.source_file,
    d.source_line
from {{ ref('fct_deduction') }} as d
left join {{ ref('fct_settlement') }} as s
    on
        d.deliverer_id = s.deliverer_id
        and d.settlement_id = s.settlement_id
left join stay as t
    on
        s.institution_id = t.institution_id
        and s.insurance_visit_id = t.insurance_visit_id
left join physician as p
    on
        d.institution_id = p.institution_id
        and d.doctor_code = p.doctor_code
