-- Grain: month, budget_year, community_id, insurance_type_code.
-- The package as it stands in a month: what is raised less what policy takes off it; the other lines only plan the
-- rest. To date: every line in equal parts over the months it holds, of which count those that have passed since the
-- warehouse knows the year. What is told of a year after its end is December's. Source: methods F1; REQ-129.
{%- set held_from = 'least(greatest(' ~ month_number_of('b.effective_date')
    ~ ', p.budget_year * 12 + 1), p.budget_year * 12 + 12)' %}
with line as (
    select
        p.month,
        p.budget_year,
        b.alliance_id as community_id,
        b.insurance_type_code,
        b.insured_people,
        b.amount_fen,
        coalesce(c.code_set, 'planned') as part,
        p.budget_year * 12 + 13 - {{ held_from }} as months_in_all,
        least(p.month_number, p.budget_year * 12 + 12) + 1 - {{ held_from }} as months_held,
        greatest(p.first_month_number - {{ held_from }}, 0) as months_before
    from {{ ref('fct_fund_budget') }} as b
    inner join {{ ref('fund_position') }} as p
        on
            b.year = p.budget_year
            and b.effective_date <= p.last_day
    left join {{ ref('policy_code') }} as c
        on
            p.month = c.month
            and c.code_set in ('package_raised_item', 'package_deducted_item')
            and b.item_code = c.code
),

due as (
    select
        *,
        case when amount_fen < 0 then -1 else 1 end * (
            {{ integer_divide('abs(amount_fen) * months_held', 'months_in_all') }}
            - {{ integer_divide('abs(amount_fen) * months_before', 'months_in_all') }}
        ) as due_fen
    from line
)

select
    month,
    budget_year,
    community_id,
    insurance_type_code,
    max(insured_people) as insured_people,
    cast(sum(case when part = 'package_raised_item' then amount_fen else 0 end) as bigint) as raised_fen,
    cast(sum(case when part = 'package_deducted_item' then amount_fen else 0 end) as bigint) as deducted_fen,
    cast(sum(case
        when part = 'package_raised_item' then amount_fen
        when part = 'package_deducted_item' then -amount_fen
        else 0
    end) as bigint) as net_fen,
    cast(sum(case when part = 'planned' then amount_fen end) as bigint) as planned_fen,
    cast(sum(case
        when part = 'package_raised_item' then due_fen
        when part = 'package_deducted_item' then -due_fen
        else 0
    end) as bigint) as net_to_date_fen
from due
group by
    month,
    budget_year,
    community_id,
    insurance_type_code
