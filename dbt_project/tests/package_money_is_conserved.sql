-- What went into the account of a package less what left it is what rests there, in every month: what is estimated and
-- not known yet, and what nobody decided.
with moved as (
    select
        month,
        account_id,
        amount_fen
    from {{ ref('package_entry') }}
    union all
    select
        month,
        counter_account_id as account_id,
        -amount_fen as amount_fen
    from {{ ref('package_entry') }}
),

balance as (
    select
        m.month,
        e.account_id,
        sum(e.amount_fen) as balance_fen
    from {{ ref('dim_month') }} as m
    inner join moved as e
        on m.month >= e.month
    where e.account_id like 'package:%'
    group by
        m.month,
        e.account_id
),

-- The last position of every budget year up to the month.
last_position as (
    select
        m.month,
        r.budget_year,
        max(r.month) as position_month
    from {{ ref('dim_month') }} as m
    inner join {{ ref('fund_retention') }} as r
        on m.month >= r.month
    group by
        m.month,
        r.budget_year
),

resting as (
    select
        l.month,
        'package:' || r.community_id as account_id,
        sum(r.undecided_fen + e.unreported_fen) as resting_fen
    from last_position as l
    inner join {{ ref('fund_retention') }} as r
        on
            l.position_month = r.month
            and l.budget_year = r.budget_year
    inner join {{ ref('fund_execution') }} as e
        on
            r.month = e.month
            and r.budget_year = e.budget_year
            and r.community_id = e.community_id
            and r.insurance_type_code = e.insurance_type_code
    group by
        l.month,
        r.community_id
)

select
    r.month,
    r.account_id,
    r.resting_fen,
    b.balance_fen
from resting as r
left join balance as b
    on
        r.month = b.month
        and r.account_id = b.account_id
where coalesce(b.balance_fen, 0) <> r.resting_fen
