-- Grain: account_id, month.
-- Statements: what an account received and gave in a month, and what rests on it at the end.
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
from moved
