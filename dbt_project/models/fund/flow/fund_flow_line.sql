-- Grain: place, deliverer_id, settlement_id.
-- Where people whom a package answers for were treated, and for what: the disease of a stay in the county is that of
-- its settlement list. A refund counts -1. Source: REQ-142, REQ-143.
with principal as (
    select
        d.deliverer_id,
        d.settlement_id,
        min(coalesce(g.category, {{ icd_category('d.normalised_diagnosis_code') }})) as diagnosis_category
    from {{ ref('fct_settlement_list_diagnosis') }} as d
    {{ known_category('d.diagnosis_code') }}
    where d.is_principal
    group by
        d.deliverer_id,
        d.settlement_id
)

select
    l.place,
    l.deliverer_id,
    l.settlement_id,
    l.month,
    l.known_month,
    l.community_id,
    l.insurance_type_code,
    l.component,
    l.person_key,
    case
        when o.destination_level = '1' then 'prefecture'
        when o.destination_level = '2' then 'province'
        when o.destination_level is not null then 'elsewhere'
        when i.is_county_hospital then 'county'
        when i.institution_tier = 'village' then 'village'
        when i.institution_tier is not null then 'township'
        else 'other'
    end as care_level,
    coalesce(o.diagnosis_category, p.diagnosis_category) as diagnosis_category,
    coalesce(s.settlement_count, case when o.total_fen < 0 then -1 else 1 end) as settlements,
    coalesce(s.total_fen, o.total_fen) as total_fen,
    l.fund_fen
from {{ ref('fund_spend_line') }} as l
left join {{ ref('fct_settlement') }} as s
    on
        l.place = 'in_county'
        and l.deliverer_id = s.deliverer_id
        and l.settlement_id = s.settlement_id
left join {{ ref('fct_out_of_county_settlement') }} as o
    on
        l.place = 'out_of_county'
        and l.deliverer_id = o.deliverer_id
        and l.settlement_id = o.settlement_id
left join {{ ref('dim_institution') }} as i
    on l.institution_id = i.institution_id
left join principal as p
    on
        l.place = 'in_county'
        and l.deliverer_id = p.deliverer_id
        and l.settlement_id = p.settlement_id
where l.allocated_by <> 'insured_elsewhere'
