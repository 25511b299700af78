-- Grain: community_id, month, use.
-- What the year's receipts to date are for, by the plan in force, and what a month changes of it.
-- Source: methods H.1; REQ-176.
with received as (
    select
        b.community_id,
        b.month,
        b.year,
        coalesce(sum(r.amount_fen), 0) as received_fen
    from {{ ref('pool_month') }} as b
    inner join {{ ref('kpi_window') }} as w
        on
            b.month = w.month
            and w.kpi_window = 'ytd'
    left join {{ ref('pool_receipt') }} as r
        on
            w.member_month = r.month
            and b.community_id = r.community_id
    group by
        b.community_id,
        b.month,
        b.year
),

plan as (
    select
        m.month,
        p.use,
        p.share
    from {{ ref('dim_month') }} as m
    inner join {{ incoming('policy', 'pool_use_plan') }} as p
        on {{ in_force('p', 'm.last_day') }}
),

meant as (
    select distinct use
    from plan
),

-- A use that a later plan leaves out gives back what it was meant to have.
planned as (
    select
        r.community_id,
        r.month,
        r.year,
        r.received_fen,
        u.use,
        {{ millionths('coalesce(p.share, 0)') }} as weight
    from received as r
    cross join meant as u
    left join plan as p
        on
            r.month = p.month
            and u.use = p.use
),

split as (
    {{ split_exactly('planned', ['community_id', 'month'], ['use'], 'received_fen', 'weight') }}
)

select
    community_id,
    month,
    year,
    use,
    amount_fen as to_date_fen,
    cast(amount_fen - coalesce(lag(amount_fen) over (
        partition by community_id, year, use
        order by month asc nulls last
    ), 0) as bigint) as change_fen
from split
