-- Grain: month, budget_year, community_id, insurance_type_code, step_number.
-- From what was raised to what is kept, step by step: `total` rows are sums of the `change` rows before them.
with position as (
    select
        e.*,
        k.raised_fen,
        k.deducted_fen,
        k.net_fen,
        r.truncated_fen,
        r.retained_fen,
        r.returned_fen,
        r.insurance_bears_fen,
        r.community_bears_fen,
        r.undecided_fen
    from {{ ref('fund_execution') }} as e
    inner join {{ ref('fund_package') }} as k
        on
            e.month = k.month
            and e.budget_year = k.budget_year
            and e.community_id = k.community_id
            and e.insurance_type_code = k.insurance_type_code
    inner join {{ ref('fund_retention') }} as r
        on
            e.month = r.month
            and e.budget_year = r.budget_year
            and e.community_id = r.community_id
            and e.insurance_type_code = r.insurance_type_code
),

step as (
    select
        month,
        budget_year,
        community_id,
        insurance_type_code,
        s.step_number,
        s.step,
        s.kind,
        case s.step
            when 'raised' then raised_fen
            when 'deducted' then -deducted_fen
            when 'net' then net_fen
            when 'shared' then coalesce(annual_fen, budget_fen) - net_fen
            when 'not_due_yet' then budget_fen - coalesce(annual_fen, budget_fen)
            when 'budget_to_date' then budget_fen
            when 'in_county' then -in_county_fen
            when 'out_of_county' then -out_of_county_fen
            when 'unreported' then -unreported_fen
            when 'surplus' then surplus_fen
            when 'truncated' then truncated_fen
            when 'retained' then -retained_fen
            when 'returned' then -returned_fen
            when 'insurance_bears' then insurance_bears_fen
            when 'community_bears' then community_bears_fen
            when 'undecided' then undecided_fen
        end as amount_fen
    from position
    cross join (
        values
        (1, 'raised', 'change'),
        (2, 'deducted', 'change'),
        (3, 'net', 'total'),
        (4, 'shared', 'change'),
        (5, 'not_due_yet', 'change'),
        (6, 'budget_to_date', 'total'),
        (7, 'in_county', 'change'),
        (8, 'out_of_county', 'change'),
        (9, 'unreported', 'change'),
        (10, 'surplus', 'total'),
        (11, 'truncated', 'change'),
        (12, 'retained', 'change'),
        (13, 'returned', 'change'),
        (14, 'insurance_bears', 'change'),
        (15, 'community_bears', 'change'),
        (16, 'undecided', 'total')
    ) as s (step_number, step, kind)
)

select
    month,
    budget_year,
    community_id,
    insurance_type_code,
    step_number,
    step,
    kind,
    cast(amount_fen as bigint) as amount_fen
from step
where amount_fen is not null
