-- Outpatient and emergency visits to be treated, of patients, completed: where they were, whether Chinese medicine was
-- given, what was prescribed, how the number was taken. Which kinds of visit each figure counts is policy; check-ups
-- are in none. A flag times a kind is null where the visit is not of that kind.
with kind_of_visit as (
    select
        month,
        code as visit_type,
        max(case when code_set = 'counted_visit_type' then 1 end) as is_counted,
        max(case when code_set = 'clinic_visit_type' then 1 end) as is_in_clinic,
        max(case when code_set = 'outpatient_visit_type' then 1 end) as is_outpatient
    from {{ ref('policy_code') }}
    where code_set in ('counted_visit_type', 'clinic_visit_type', 'outpatient_visit_type')
    group by
        month,
        code
),

visit as (
    select
        v.month,
        v.deliverer_id,
        v.institution_id,
        v.visit_id,
        v.registration_id,
        v.department_code,
        v.staff_id,
        v.person_key,
        v.event_date,
        v.tcm_flag,
        k.is_counted,
        k.is_in_clinic,
        k.is_outpatient,
        i.institution_tier in ('township', 'community') as is_at_township,
        i.is_county_hospital,
        i.is_primary_care,
        v.source_batch_id,
        v.source_file,
        v.source_line
    from {{ ref('fct_outpatient_visit') }} as v
    inner join kind_of_visit as k
        on
            v.month = k.month
            and v.visit_type = k.visit_type
    left join {{ ref('dim_institution') }} as i
        on v.institution_id = i.institution_id
    where v.is_valid
),

prescribed as (
    select
        v.deliverer_id,
        v.institution_id,
        v.visit_id,
        max(case when t.code is not null then 1 else 0 end) as has_herbs,
        max(case when a.code is not null then 1 else 0 end) as has_antibiotic,
        max(case when d.code is not null then 1 else 0 end) as has_drip
    from visit as v
    inner join {{ ref('fct_prescription') }} as r
        on
            v.deliverer_id = r.deliverer_id
            and v.institution_id = r.institution_id
            and v.visit_id = r.visit_id
    left join {{ ref('fct_prescription_item') }} as p
        on
            r.deliverer_id = p.deliverer_id
            and r.institution_id = p.institution_id
            and r.prescription_id = p.prescription_id
    left join {{ ref('policy_code') }} as t
        on
            v.month = t.month
            and t.code_set = 'tcm_prescription_type'
            and r.prescription_type = t.code
    left join {{ ref('policy_code') }} as a
        on
            v.month = a.month
            and a.code_set = 'antibiotic_drug_level'
            and p.antibiotic_level = a.code
    left join {{ ref('policy_code') }} as d
        on
            v.month = d.month
            and d.code_set = 'drip_route'
            and p.route_code = d.code
    where r.is_valid
    group by
        v.deliverer_id,
        v.institution_id,
        v.visit_id
),

registered as (
    select
        v.deliverer_id,
        v.institution_id,
        v.visit_id,
        max(case when c.code_set = 'expert_registration_type' then 1 else 0 end) as is_of_expert,
        max(case when c.code_set <> 'expert_registration_type' then 1 else 0 end) as is_appointed
    from visit as v
    inner join {{ ref('fct_registration') }} as n
        on
            v.deliverer_id = n.deliverer_id
            and v.institution_id = n.institution_id
            and v.registration_id = n.registration_id
    inner join {{ ref('policy_code') }} as c
        on
            v.month = c.month
            and (
                (c.code_set = 'appointment_channel' and n.appointment_channel = c.code)
                or (c.code_set = 'appointment_registration_type' and n.registration_type = c.code)
                or (c.code_set = 'expert_registration_type' and n.registration_type = c.code)
            )
    group by
        v.deliverer_id,
        v.institution_id,
        v.visit_id
),

judged as (
    select
        v.*,
        case when v.is_primary_care then 1 else 0 end as at_primary_care,
        case when v.is_primary_care then v.is_in_clinic end as in_primary_clinic,
        case when v.is_primary_care then v.is_outpatient end as primary_outpatient,
        case when v.is_county_hospital then v.is_outpatient end as hospital_outpatient,
        case when v.tcm_flag = '1' or p.has_herbs = 1 then 1 else 0 end as is_tcm,
        coalesce(p.has_antibiotic, 0) as has_antibiotic,
        coalesce(p.has_drip, 0) as has_drip,
        coalesce(n.is_of_expert, 0) as is_of_expert,
        coalesce(n.is_appointed, 0) as is_appointed
    from visit as v
    left join prescribed as p
        on
            v.deliverer_id = p.deliverer_id
            and v.institution_id = p.institution_id
            and v.visit_id = p.visit_id
    left join registered as n
        on
            v.deliverer_id = n.deliverer_id
            and v.institution_id = n.institution_id
            and v.visit_id = n.visit_id
)

select
    month,
    institution_id,
    department_code,
    staff_id,
    person_key,
    event_date,
    is_counted as visits,
    is_counted * at_primary_care as primary_care_visits,
    is_counted * is_tcm as tcm_visits,
    case when is_at_township then is_counted end as township_visits,
    case when is_county_hospital then is_counted end as hospital_visits,
    in_primary_clinic as primary_clinic_visits,
    in_primary_clinic * is_tcm as primary_tcm_clinic_visits,
    is_outpatient as outpatient_visits,
    is_outpatient * has_antibiotic as antibiotic_visits,
    primary_outpatient as primary_outpatient_visits,
    primary_outpatient * has_drip as primary_drip_visits,
    hospital_outpatient as hospital_outpatient_visits,
    hospital_outpatient * (1 - is_of_expert) as hospital_ordinary_visits,
    hospital_outpatient * is_appointed as hospital_appointed_visits,
    'his_op_visit' as source_feed,
    source_batch_id,
    source_file,
    source_line
from judged
