-- Grain: case_id.
-- Stays paid by DIP beside what casemix_dip_settlement makes of them; those without a result of the insurer have no
-- group, those whose group the catalogue lacks no score, those whose result names no value of a point no standard.
-- REQ-137, REQ-139.
with result as (
    {{ dip_results_of_cases() }}
)

select
    c.case_id,
    r.group_code,
    d.score,
    d.mean_cost_fen,
    d.institution_factor,
    case
        when r.case_id is null then 'ungrouped'
        when d.case_id is null then 'no_weight'
        when s.deviation <> 'no_rule' and d.point_value is null then 'no_point_value'
        else s.deviation
    end as deviation,
    s.cost_ratio,
    s.deviation_factor,
    s.settlement_score,
    s.settlement_fen as standard_fen
from {{ ref('settlement_case') }} as c
inner join {{ ref('settlement_payment_method') }} as m
    on c.case_id = m.case_id
left join result as r
    on
        c.case_id = r.case_id
        and r.place = 1
left join {{ ref('casemix_dip_case') }} as d
    on c.case_id = d.case_id
left join {{ ref('casemix_dip_settlement') }} as s
    on c.case_id = s.case_id
where
    c.care_kind = 'inpatient'
    and m.method = 'dip'
