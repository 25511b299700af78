-- Grain: account_id, month.
-- Statements: what an account received and gave in a month, and what rests on it at the end; a month in which nothing
-- moved has the balance of the one before.
with leg as (
    select
        account_id,
        month,
        amount_fen as in_fen,
        0 as out_fen
    from {{ ref('fund_entry') }}

    union all

    select
        counter_account_id as account_id,
        month,
        0 as in_fen,
        amount_fen as out_fen
    from {{ ref('fund_entry') }}
),

moved as (
    select
        account_id,
        month,
        sum(in_fen) as in_fen,
        sum(out_fen) as out_fen
    from leg
    group by
        account_id,
        month
),

calendar as (
    select month from {{ ref('dim_month') }}
    union distinct
    select month from moved
),

opened as (
    select
        account_id,
        min(month) as first_month
    from moved
    group by account_id
),

month_by_month as (
    select
        o.account_id,
        c.month,
        coalesce(m.in_fen, 0) as in_fen,
        coalesce(m.out_fen, 0) as out_fen
    from opened as o
    inner join calendar as c
        on o.first_month <= c.month
    left join moved as m
        on
            o.account_id = m.account_id
            and c.month = m.month
)

select
    account_id,
    {{ account_kind('account_id') }} as kind,
    month,
    cast(in_fen as bigint) as in_fen,
    cast(out_fen as bigint) as out_fen,
    cast(sum(in_fen - out_fen) over (
        partition by account_id
        order by month asc nulls last
    ) as bigint) as balance_fen
from month_by_month
