-- Every event of a month, and why the evidence of its subject leaves it out: the first reason that applies, else null.
select
    'first_contact' as subject,
    v.month,
    coalesce(d.managing_institution_id, v.institution_id) as institution_id,
    v.event_date,
    case
        when v.is_test_patient then 'test_patient'
        when not coalesce(v.is_valid, false) then 'void'
        when c.code is null then 'other_kind'
        when v.diagnosis_category is null then 'diagnosis_unknown'
        when e.source_line is null then 'not_first'
    end as reason,
    'his_op_visit' as source_feed,
    v.source_batch_id,
    v.source_file,
    v.source_line
from {{ ref('fct_outpatient_visit') }} as v
inner join {{ ref('policy_parameter') }} as p
    on v.month = p.month
left join {{ ref('policy_code') }} as c
    on
        v.month = c.month
        and c.code_set = 'first_contact_visit_type'
        and v.visit_type = c.code
left join {{ ref('dim_person') }} as d
    on v.person_key = d.person_key
left join {{ ref('kpi_evidence__first_contact') }} as e
    on
        v.source_batch_id = e.source_batch_id
        and v.source_line = e.source_line
        and e.source_feed = 'his_op_visit'

union all

select
    'first_contact' as subject,
    v.month,
    d.managing_institution_id as institution_id,
    v.event_date,
    case
        when v.diagnosis_category is null then 'diagnosis_unknown'
        when e.source_line is null then 'not_first'
    end as reason,
    'si_out_of_county' as source_feed,
    v.source_batch_id,
    v.source_file,
    v.source_line
from {{ ref('fct_out_of_county_settlement') }} as v
inner join {{ ref('policy_parameter') }} as p
    on v.month = p.month
left join {{ ref('dim_person') }} as d
    on v.person_key = d.person_key
left join {{ ref('kpi_evidence__first_contact') }} as e
    on
        v.source_batch_id = e.source_batch_id
        and v.source_line = e.source_line
        and e.source_feed = 'si_out_of_county'

union all

select
    'indicated_case' as subject,
    v.month,
    v.institution_id,
    v.event_date,
    case
        when v.is_test_patient then 'test_patient'
        when not coalesce(v.is_valid, false) then 'void'
        when not coalesce(i.is_primary_care, false) then 'other_tier'
        when v.diagnosis_category is null then 'diagnosis_unknown'
        when c.code is null then 'other_kind'
        when e.source_line is null then 'not_first'
    end as reason,
    'his_op_visit' as source_feed,
    v.source_batch_id,
    v.source_file,
    v.source_line
from {{ ref('fct_outpatient_visit') }} as v
inner join {{ ref('policy_parameter') }} as p
    on v.month = p.month
left join {{ ref('dim_institution') }} as i
    on v.institution_id = i.institution_id
left join {{ ref('policy_code') }} as c
    on
        v.month = c.month
        and c.code_set = 'up_indication_category'
        and v.diagnosis_category = c.code
left join {{ ref('kpi_evidence__indicated_case') }} as e
    on
        v.source_batch_id = e.source_batch_id
        and v.source_line = e.source_line
        and e.source_feed = 'his_op_visit'

union all

select
    'indicated_case' as subject,
    s.month,
    s.institution_id,
    s.event_date,
    case
        when s.is_test_patient then 'test_patient'
        when not coalesce(s.is_valid, false) then 'void'
        when s.discharge_way = '5' then 'died'
        when not coalesce(i.is_county_hospital, false) then 'other_tier'
        when d.diagnosis_category is null then 'diagnosis_unknown'
        when c.code is null then 'other_kind'
        when e.source_line is null then 'not_first'
    end as reason,
    'his_ip_stay' as source_feed,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('fct_inpatient_stay') }} as s
inner join {{ ref('policy_parameter') }} as p
    on s.month = p.month
left join {{ ref('dim_institution') }} as i
    on s.institution_id = i.institution_id
left join {{ ref('fct_inpatient_diagnosis') }} as d
    on
        s.deliverer_id = d.deliverer_id
        and s.institution_id = d.institution_id
        and s.visit_id = d.visit_id
        and d.is_principal
left join {{ ref('policy_code') }} as c
    on
        s.month = c.month
        and c.code_set = 'down_indication_category'
        and d.diagnosis_category = c.code
left join {{ ref('kpi_evidence__indicated_case') }} as e
    on
        s.source_batch_id = e.source_batch_id
        and s.source_line = e.source_line
        and e.source_feed = 'his_ip_stay'

union all

select
    'stay' as subject,
    s.month,
    s.institution_id,
    s.event_date,
    case
        when s.is_test_patient then 'test_patient'
        when not coalesce(s.is_valid, false) then 'void'
    end as reason,
    'his_ip_stay' as source_feed,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('fct_inpatient_stay') }} as s
inner join {{ ref('policy_parameter') }} as p
    on s.month = p.month

union all

select
    'referral_sent' as subject,
    r.month,
    r.institution_id,
    r.event_date,
    case
        when r.is_test_patient then 'test_patient'
        when not coalesce(r.is_effective, false) then 'void'
        when coalesce(r.direction, '0') not in ('1', '2') then 'other_kind'
    end as reason,
    'his_referral' as source_feed,
    r.source_batch_id,
    r.source_file,
    r.source_line
from {{ ref('fct_referral') }} as r
inner join {{ ref('policy_parameter') }} as p
    on r.month = p.month

union all

select
    'referral_received' as subject,
    r.month,
    r.to_institution_id as institution_id,
    r.event_date,
    case
        when r.is_test_patient then 'test_patient'
        when not coalesce(r.is_effective, false) then 'void'
        when coalesce(r.direction, '0') <> '1' then 'other_kind'
        when coalesce(r.out_of_county_flag, '1') = '1' then 'out_of_county'
        when not coalesce(i.is_county_hospital, false) then 'other_tier'
    end as reason,
    'his_referral' as source_feed,
    r.source_batch_id,
    r.source_file,
    r.source_line
from {{ ref('fct_referral') }} as r
inner join {{ ref('policy_parameter') }} as p
    on r.month = p.month
left join {{ ref('dim_institution') }} as i
    on r.to_institution_id = i.institution_id

union all

select
    'visit' as subject,
    v.month,
    v.institution_id,
    v.event_date,
    case
        when v.is_test_patient then 'test_patient'
        when not coalesce(v.is_valid, false) then 'void'
        when e.source_line is null then 'other_kind'
    end as reason,
    'his_op_visit' as source_feed,
    v.source_batch_id,
    v.source_file,
    v.source_line
from {{ ref('fct_outpatient_visit') }} as v
inner join {{ ref('policy_parameter') }} as p
    on v.month = p.month
left join {{ ref('kpi_evidence__visit') }} as e
    on
        v.source_batch_id = e.source_batch_id
        and v.source_line = e.source_line
