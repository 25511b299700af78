-- Grain: month, budget_year, community_id, insurance_type_code, identity.
-- What must be equal in a package, side by side, and what differs (REQ-129): the plan is the net, the parts of a
-- split are its whole, the told heads are those insured, nothing that was spent is nobody's or of a package that is
-- not there.
with identity as (
    select
        month,
        budget_year,
        community_id,
        insurance_type_code,
        'plan_is_net' as identity,
        planned_fen as left_amount,
        net_fen as right_amount
    from {{ ref('fund_package') }}

    union all

    select
        p.month,
        p.budget_year,
        p.community_id,
        p.insurance_type_code,
        'community_is_known' as identity,
        p.net_fen as left_amount,
        case when u.unit_id is null then 0 else p.net_fen end as right_amount
    from {{ ref('fund_package') }} as p
    left join {{ ref('dim_unit') }} as u
        on
            u.unit_level = 'community'
            and p.community_id = u.unit_id

    union all

    select
        month,
        budget_year,
        '-' as community_id,
        insurance_type_code,
        'shares_are_whole_' || method as identity,
        sum(annual_fen) as left_amount,
        sum(told_fen) as right_amount
    from {{ ref('fund_share') }}
    group by
        month,
        budget_year,
        insurance_type_code,
        method

    union all

    select
        p.month,
        p.budget_year,
        '-' as community_id,
        s.insurance_type_code,
        'nothing_is_nobodys' as identity,
        sum(case when s.community_id = '-' then s.fund_fen else 0 end) as left_amount,
        0 as right_amount
    from {{ ref('fund_position') }} as p
    inner join {{ ref('fund_spend') }} as s
        on
            p.month_number >= s.known_month_number
            and p.month_number >= s.month_number
            and p.first_month_number <= s.month_number
            and p.budget_year * 12 + 12 >= s.month_number
    group by
        p.month,
        p.budget_year,
        s.insurance_type_code

    union all

    select
        p.month,
        p.budget_year,
        s.community_id,
        s.insurance_type_code,
        'spending_has_a_package' as identity,
        sum(s.fund_fen) as left_amount,
        sum(case when e.community_id is not null then s.fund_fen else 0 end) as right_amount
    from {{ ref('fund_position') }} as p
    inner join {{ ref('fund_spend') }} as s
        on
            p.month_number >= s.known_month_number
            and p.month_number >= s.month_number
            and p.first_month_number <= s.month_number
            and p.budget_year * 12 + 12 >= s.month_number
    left join {{ ref('fund_execution') }} as e
        on
            p.month = e.month
            and p.budget_year = e.budget_year
            and s.community_id = e.community_id
            and s.insurance_type_code = e.insurance_type_code
    where s.community_id <> '-'
    group by
        p.month,
        p.budget_year,
        s.community_id,
        s.insurance_type_code

    union all

    select
        p.month,
        p.budget_year,
        p.community_id,
        p.insurance_type_code,
        'told_heads_are_insured' as identity,
        p.insured_people as left_amount,
        count(*) as right_amount
    from {{ ref('fund_package') }} as p
    inner join {{ ref('dim_month') }} as m
        on
            p.month = m.month
            and p.budget_year = m.year
    inner join {{ ref('fct_insured_month') }} as i
        on
            p.month = i.month
            and p.community_id = i.alliance_id
            and p.insurance_type_code = i.insurance_type_code
    where p.insured_people is not null
    group by
        p.month,
        p.budget_year,
        p.community_id,
        p.insurance_type_code,
        p.insured_people
)

select
    month,
    budget_year,
    community_id,
    insurance_type_code,
    identity,
    cast(left_amount as bigint) as left_amount,
    cast(right_amount as bigint) as right_amount,
    cast(left_amount - right_amount as bigint) as difference,
    left_amount = right_amount as holds
from identity
