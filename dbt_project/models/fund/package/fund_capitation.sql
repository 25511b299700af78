-- Grain: month, budget_year, community_id, insurance_type_code, capitation_group, place, age_from, coefficient,
-- annual_fen.
-- What is due by heads to date: person-months of the year times a twelfth of the year's amount, each month at its own
-- rate, rounded once. Source: methods F5; REQ-132.
with to_date as (
    select
        p.month,
        p.budget_year,
        h.community_id,
        h.insurance_type_code,
        h.capitation_group,
        h.place,
        h.age_from,
        h.coefficient,
        h.annual_fen,
        cast(sum(h.person_months) as bigint) as person_months
    from {{ ref('fund_position') }} as p
    inner join {{ ref('dim_month') }} as m
        on
            p.budget_year = m.year
            and p.month_number >= m.month_number
    inner join {{ ref('fund_capitation_head') }} as h
        on m.month = h.month
    group by
        p.month,
        p.budget_year,
        h.community_id,
        h.insurance_type_code,
        h.capitation_group,
        h.place,
        h.age_from,
        h.coefficient,
        h.annual_fen
)

select
    month,
    budget_year,
    community_id,
    insurance_type_code,
    capitation_group,
    place,
    age_from,
    person_months,
    coefficient,
    annual_fen,
    cast({{ divide_half_up(
        wide('person_months') ~ ' * annual_fen * ' ~ millionths('coefficient'), '12000000'
    ) }} as bigint) as due_fen
from to_date
