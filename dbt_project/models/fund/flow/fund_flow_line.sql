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
),

settled as (
    select
        'in_county' as place,
        s.deliverer_id,
        s.settlement_id,
        case
            when i.is_county_hospital then 'county'
            when i.institution_tier = 'village' then 'village'
            when i.institution_tier is not null then 'township'
            else 'other'
        end as care_level,
        p.diagnosis_category,
        s.settlement_count as settlements,
        s.total_fen
    from {{ ref('fct_settlement') }} as s
    left join {{ ref('dim_institution') }} as i
        on s.institution_id = i.institution_id
    left join principal as p
        on
            s.deliverer_id = p.deliverer_id
            and s.settlement_id = p.settlement_id

    union all

    select
        'out_of_county' as place,
        deliverer_id,
        settlement_id,
        case destination_level when '1' then 'prefecture' when '2' then 'province' else 'elsewhere' end as care_level,
        diagnosis_category,
        case when total_fen < 0 then -1 else 1 end as settlements,
        total_fen
    from {{ ref('fct_out_of_county_settlement') }}
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
    s.care_level,
    s.diagnosis_category,
    s.settlements,
    s.total_fen,
    l.fund_fen
from {{ ref('fund_spend_line') }} as l
inner join settled as s
    on
        l.place = s.place
        and l.deliverer_id = s.deliverer_id
        and l.settlement_id = s.settlement_id
where l.allocated_by <> 'insured_elsewhere'
