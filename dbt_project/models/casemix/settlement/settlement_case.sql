-- Grain: case_id.
-- A case is what the insurance settled of one visit or stay in the county, all its settlements together (settled_case);
-- it is named as casemix names it, by the list of its last settlement.
with visit as (
    select
        deliverer_id,
        insurance_visit_id,
        min(begin_date) as begin_date,
        max(end_date) as end_date,
        cast(sum(total_fen) as bigint) as total_fen,
        cast(sum(person_total_fen) as bigint) as personal_fen,
        cast(sum(fund_total_fen) as bigint) as fund_fen,
        cast(sum(deductible_fen) as bigint) as deductible_fen
    from {{ ref('fct_settlement') }}
    group by
        deliverer_id,
        insurance_visit_id
)

select
    c.deliverer_id || ' ' || c.settlement_id as case_id,
    c.deliverer_id,
    c.settlement_id,
    c.case_id as insurance_visit_id,
    c.institution_id,
    i.institution_tier,
    k.region_code as region,
    c.care_kind,
    c.month,
    c.event_date,
    s.insurance_type_code as insurance,
    s.insured_division_code,
    c.insurance_key,
    c.person_key,
    v.begin_date,
    v.end_date,
    v.total_fen,
    v.personal_fen,
    v.fund_fen,
    v.deductible_fen,
    l.payment_method_code,
    l.settlement_id is not null as has_list,
    c.source_batch_id,
    c.source_file,
    c.source_line
from {{ ref('settled_case') }} as c
inner join {{ ref('fct_settlement') }} as s
    on
        c.deliverer_id = s.deliverer_id
        and c.settlement_id = s.settlement_id
inner join visit as v
    on
        c.deliverer_id = v.deliverer_id
        and c.case_id = v.insurance_visit_id
cross join {{ incoming('county', 'county') }} as k
left join {{ ref('dim_institution') }} as i
    on c.institution_id = i.institution_id
left join {{ ref('fct_settlement_list') }} as l
    on
        c.deliverer_id = l.deliverer_id
        and c.settlement_id = l.settlement_id
where
    c.is_in_county
    and not coalesce(l.is_test_patient, false)
