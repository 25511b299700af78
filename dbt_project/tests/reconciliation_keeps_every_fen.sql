-- What was settled, declared and deducted is in settlement_reconciliation to the fen.
with both_sides as (
    select
        'settled' as side,
        settled_fund_fen as here_fen,
        0 as there_fen
    from {{ ref('settlement_reconciliation') }}

    union all

    select
        'declared' as side,
        declared_fund_fen as here_fen,
        0 as there_fen
    from {{ ref('settlement_reconciliation') }}

    union all

    select
        'deducted' as side,
        deduction_fen as here_fen,
        0 as there_fen
    from {{ ref('settlement_reconciliation') }}

    union all

    select
        'settled' as side,
        0 as here_fen,
        fund_total_fen as there_fen
    from {{ ref('fct_settlement') }}

    union all

    select
        'declared' as side,
        0 as here_fen,
        declared_fund_fen as there_fen
    from {{ ref('fct_clearing_month') }}

    union all

    select
        'deducted' as side,
        0 as here_fen,
        amount_fen as there_fen
    from {{ ref('fct_deduction') }}
)

select
    side,
    sum(here_fen) as here_fen,
    sum(there_fen) as there_fen
from both_sides
group by side
having sum(here_fen) <> sum(there_fen)
