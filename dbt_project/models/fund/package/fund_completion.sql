-- Grain: month, budget_year, age_months.
-- How much of what was spent outside the county in a month is known so many months later, as far as that can be said
-- in `month`: learned from months that are complete by then, if there are enough, all communities together, or what
-- policy decided, by the rules of the year it is said for. A month counts only if nothing of it can have come before
-- the first delivery there is. Source: methods O2.
with outside as (
    select
        month_number,
        known_month_number,
        sum(fund_fen) as fund_fen
    from {{ ref('fund_spend') }}
    where place = 'out_of_county'
    group by
        month_number,
        known_month_number
),

asked as (
    select
        p.month,
        p.budget_year,
        p.month_number,
        p.decided_on,
        max(r.mature_after_months) as mature_after_months,
        max(r.learn_from_months) as learn_from_months
    from {{ ref('fund_position') }} as p
    inner join {{ incoming('policy', 'package_rule') }} as r
        on {{ in_force('r', 'p.decided_on') }}
    group by
        p.month,
        p.budget_year,
        p.month_number,
        p.decided_on
),

seen as (
    select
        a.month,
        min(o.known_month_number) as first_delivery,
        min(o.known_month_number - o.month_number) as first_age
    from asked as a
    inner join outside as o
        on a.month_number >= o.known_month_number
    group by a.month
),

complete as (
    select
        a.month,
        a.budget_year,
        a.learn_from_months,
        o.month_number as settled_number,
        o.known_month_number - o.month_number as age_months,
        o.fund_fen
    from asked as a
    inner join seen as s
        on a.month = s.month
    inner join outside as o
        on
            a.month_number >= o.known_month_number
            and a.month_number >= o.month_number + a.mature_after_months
            and s.first_delivery <= o.month_number + s.first_age
),

settled_month as (
    select month_number from outside
    union distinct
    select month_number from {{ ref('dim_month') }}
),

age as (
    select distinct
        a.month,
        a.budget_year,
        a.decided_on,
        a.month_number - o.month_number as age_months
    from asked as a
    inner join settled_month as o
        on
            a.month_number >= o.month_number
            and a.month_number < o.month_number + a.mature_after_months
),

learned as (
    select
        g.month,
        g.budget_year,
        g.age_months,
        cast(sum(case when c.age_months <= g.age_months then c.fund_fen else 0 end) as bigint) as known_fen,
        cast(sum(c.fund_fen) as bigint) as complete_fen
    from age as g
    inner join complete as c
        on
            g.month = c.month
            and g.budget_year = c.budget_year
    group by
        g.month,
        g.budget_year,
        g.age_months
    having count(distinct c.settled_number) >= max(c.learn_from_months)
),

decided as (
    select
        g.month,
        g.budget_year,
        g.age_months,
        f.precedence,
        {{ millionths('f.known_share') }} as known_millionths
    from age as g
    inner join {{ incoming('policy', 'completion_factor') }} as f
        on
            g.age_months = f.age_months
            and {{ in_force('f', 'g.decided_on') }}
),

chosen as (
    select
        g.month,
        g.budget_year,
        g.age_months,
        d.known_millionths,
        l.known_fen,
        l.complete_fen,
        case
            when d.precedence = 'always' then 'policy'
            when l.complete_fen > 0 then 'learned'
            when d.precedence is not null then 'policy'
        end as origin
    from age as g
    left join learned as l
        on
            g.month = l.month
            and g.budget_year = l.budget_year
            and g.age_months = l.age_months
    left join decided as d
        on
            g.month = d.month
            and g.budget_year = d.budget_year
            and g.age_months = d.age_months
)

select
    month,
    budget_year,
    cast(age_months as integer) as age_months,
    origin,
    case origin when 'learned' then known_fen when 'policy' then known_millionths end as known_numerator,
    case origin when 'learned' then complete_fen when 'policy' then cast(1000000 as bigint) end as known_denominator
from chosen
