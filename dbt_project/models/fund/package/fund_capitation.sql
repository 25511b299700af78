-- Grain: month, budget_year, community_id, insurance_type_code, capitation_group, place, age_from.
-- What is due by heads to date: person-months of the year times a twelfth of the year's amount, rounded once. Source:
-- methods F5; REQ-132.
with to_date as (
    select
        p.month,
        p.budget_year,
        p.decided_on,
        h.community_id,
        h.insurance_type_code,
        h.capitation_group,
        h.place,
        h.age_from,
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
        p.decided_on,
        h.community_id,
        h.insurance_type_code,
        h.capitation_group,
        h.place,
        h.age_from
)

select
    t.month,
    t.budget_year,
    t.community_id,
    t.insurance_type_code,
    t.capitation_group,
    t.place,
    t.age_from,
    t.person_months,
    r.coefficient,
    r.annual_fen,
    cast({{ divide_half_up(
        wide('t.person_months') ~ ' * r.annual_fen * ' ~ as_weight('r.coefficient'), '12000000'
    ) }} as bigint) as due_fen
from to_date as t
inner join {{ incoming('policy', 'capitation_rate') }} as r
    on
        t.insurance_type_code = r.insurance
        and t.capitation_group = r.capitation_group
        and t.place = r.place
        and t.age_from = r.age_from
        and {{ in_force('r', 't.decided_on') }}
