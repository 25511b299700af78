-- Grain: month, community_id, insurance_type_code, component, care_level.
-- The matrix of flows: where the insured of a community were treated, and what of the fund went there, by month of the
-- settlement. Of few people it is not said how many they are. Source: REQ-143, REQ-155.
with summed as (
    select
        month,
        community_id,
        insurance_type_code,
        component,
        care_level,
        sum(settlements) as settlements,
        count(distinct person_key) as persons,
        sum(total_fen) as total_fen,
        sum(fund_fen) as fund_fen
    from {{ ref('fund_flow_line') }}
    group by
        month,
        community_id,
        insurance_type_code,
        component,
        care_level
)

select
    s.month,
    s.community_id,
    s.insurance_type_code,
    s.component,
    s.care_level,
    cast(case when s.persons >= p.small_cell_minimum then s.settlements end as bigint) as settlements,
    cast(case when s.persons >= p.small_cell_minimum then s.persons end as bigint) as persons,
    cast(s.total_fen as bigint) as total_fen,
    cast(s.fund_fen as bigint) as fund_fen
from summed as s
inner join {{ ref('policy_parameter') }} as p
    on s.month = p.month
