-- Entries of cases are the fund due of all cases, to the fen; those of deductions what remained deducted.
with both_sides as (
    select
        source_relation,
        amount_fen as entry_fen,
        0 as owed_fen
    from {{ ref('settlement_entry') }}

    union all

    select
        'casemix_settlement' as source_relation,
        0 as entry_fen,
        fund_due_fen as owed_fen
    from {{ ref('casemix_settlement') }}

    union all

    select
        'deduction_attribution' as source_relation,
        0 as entry_fen,
        final_fen as owed_fen
    from {{ ref('fct_deduction') }}
)

select
    source_relation,
    sum(entry_fen) as entry_fen,
    sum(owed_fen) as owed_fen
from both_sides
group by source_relation
having sum(entry_fen) <> sum(owed_fen)
