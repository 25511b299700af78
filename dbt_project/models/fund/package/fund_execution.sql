-- Grain: month, budget_year, community_id, insurance_type_code.
-- Where a package stands in a month, to date: what of the year's budget the passed months bring, what is known to be
-- spent, what is estimated to be spent and not known yet, and what is left. Source: methods F2; REQ-141, REQ-145,
-- REQ-146.
with rule as (
    select
        p.month,
        p.budget_year,
        p.month_number,
        p.last_day,
        p.decided_on,
        p.months_elapsed,
        r.insurance as insurance_type_code,
        r.method,
        r.budget_basis
    from {{ ref('fund_position') }} as p
    inner join {{ incoming('policy', 'package_rule') }} as r
        on {{ in_force('r', 'p.decided_on') }}
),

capitation as (
    select
        month,
        budget_year,
        community_id,
        insurance_type_code,
        cast(sum(due_fen) as bigint) as due_fen
    from {{ ref('fund_capitation') }}
    group by
        month,
        budget_year,
        community_id,
        insurance_type_code
),

budget as (
    select
        r.*,
        k.community_id,
        case
            when r.method = 'capitation' then null
            when r.budget_basis = 'told' then k.net_fen
            else s.annual_fen
        end as annual_fen,
        case
            when r.method = 'capitation' then c.due_fen
            when r.budget_basis = 'told' then k.net_to_date_fen
            else s.to_date_fen
        end as budget_fen
    from rule as r
    inner join {{ ref('fund_package') }} as k
        on
            r.month = k.month
            and r.budget_year = k.budget_year
            and r.insurance_type_code = k.insurance_type_code
    left join {{ ref('fund_share') }} as s
        on
            r.month = s.month
            and r.budget_year = s.budget_year
            and r.insurance_type_code = s.insurance_type_code
            and r.budget_basis = s.method
            and k.community_id = s.community_id
    left join capitation as c
        on
            r.month = c.month
            and r.budget_year = c.budget_year
            and r.insurance_type_code = c.insurance_type_code
            and k.community_id = c.community_id
),

spent as (
    select
        p.month,
        p.budget_year,
        s.community_id,
        s.insurance_type_code,
        cast(sum(case when s.place = 'in_county' then s.fund_fen else 0 end) as bigint) as in_county_fen,
        cast(sum(case when s.place = 'out_of_county' then s.fund_fen else 0 end) as bigint) as out_of_county_fen
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
        s.community_id,
        s.insurance_type_code
),

unreported as (
    select
        month,
        budget_year,
        community_id,
        insurance_type_code,
        cast(sum(unreported_fen) as bigint) as unreported_fen,
        sum(case when estimated_by = 'unknown' then 1 else 0 end) as unknown_months
    from {{ ref('fund_ibnr') }}
    group by
        month,
        budget_year,
        community_id,
        insurance_type_code
),

position as (
    select
        b.month,
        b.budget_year,
        b.month_number,
        b.last_day,
        b.decided_on,
        b.months_elapsed,
        b.community_id,
        b.insurance_type_code,
        b.method,
        b.budget_basis,
        b.annual_fen,
        b.budget_fen,
        coalesce(s.in_county_fen, 0) as in_county_fen,
        coalesce(s.out_of_county_fen, 0) as out_of_county_fen,
        coalesce(u.unreported_fen, 0) as unreported_fen,
        cast(coalesce(u.unknown_months, 0) as integer) as unknown_months
    from budget as b
    left join spent as s
        on
            b.month = s.month
            and b.budget_year = s.budget_year
            and b.community_id = s.community_id
            and b.insurance_type_code = s.insurance_type_code
    left join unreported as u
        on
            b.month = u.month
            and b.budget_year = u.budget_year
            and b.community_id = u.community_id
            and b.insurance_type_code = u.insurance_type_code
)

select
    month,
    budget_year,
    month_number,
    last_day,
    decided_on,
    months_elapsed,
    community_id,
    insurance_type_code,
    method,
    budget_basis,
    annual_fen,
    budget_fen,
    in_county_fen,
    out_of_county_fen,
    in_county_fen + out_of_county_fen as reported_fen,
    unreported_fen,
    unknown_months,
    in_county_fen + out_of_county_fen + unreported_fen as spent_fen,
    budget_fen - in_county_fen - out_of_county_fen - unreported_fen as surplus_fen,
    round({{ quotient('budget_fen - in_county_fen - out_of_county_fen - unreported_fen', 'budget_fen') }}, 6)
        as surplus_rate,
    round({{ quotient('in_county_fen + out_of_county_fen + unreported_fen', 'annual_fen') }}, 6) as execution_rate,
    round({{ quotient('months_elapsed', '12') }}, 6) as time_rate
from position
