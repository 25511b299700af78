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
        p.month,
        p.budget_year,
        p.community_id,
        p.insurance_type_code,
        s.step_number,
        s.step,
        s.kind,
        case s.step
            when 'raised' then p.raised_fen
            when 'deducted' then -p.deducted_fen
            when 'net' then p.net_fen
            when 'shared' then coalesce(p.annual_fen, p.budget_fen) - p.net_fen
            when 'not_due_yet' then p.budget_fen - coalesce(p.annual_fen, p.budget_fen)
            when 'budget_to_date' then p.budget_fen
            when 'in_county' then -p.in_county_fen
            when 'out_of_county' then -p.out_of_county_fen
            when 'unreported' then -p.unreported_fen
            when 'surplus' then p.surplus_fen
            when 'truncated' then p.truncated_fen
            when 'retained' then -p.retained_fen
            when 'returned' then -p.returned_fen
            when 'insurance_bears' then p.insurance_bears_fen
            when 'community_bears' then p.community_bears_fen
            when 'undecided' then p.undecided_fen
        end as amount_fen
    from position as p
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
