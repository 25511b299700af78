-- What the packages of the county paid to date, and what is nobody's or of no package, is what all settlements took.
with settled as (
    select
        m.month,
        m.year as budget_year,
        sum(l.fund_fen) as fund_fen
    from {{ ref('dim_month') }} as m
    inner join {{ ref('fund_spend_line') }} as l
        on
            m.month >= l.month
            and m.month >= l.known_month
            and l.allocated_by <> 'insured_elsewhere'
    inner join {{ ref('dim_month') }} as d
        on
            l.month = d.month
            and m.year = d.year
    group by
        m.month,
        m.year
),

allocated as (
    select
        month,
        budget_year,
        sum(reported_fen) as fund_fen
    from {{ ref('fund_execution') }}
    group by
        month,
        budget_year
),

nobodys as (
    select
        month,
        budget_year,
        sum(difference) as fund_fen
    from {{ ref('fund_package_check') }}
    where identity in ('nothing_is_nobodys', 'spending_has_a_package')
    group by
        month,
        budget_year
)

select
    a.month,
    a.fund_fen as allocated_fen,
    n.fund_fen as nobodys_fen,
    s.fund_fen as settled_fen
from allocated as a
inner join settled as s
    on
        a.month = s.month
        and a.budget_year = s.budget_year
left join nobodys as n
    on
        a.month = n.month
        and a.budget_year = n.budget_year
where a.fund_fen + coalesce(n.fund_fen, 0) <> s.fund_fen
