-- Grain: community_id, budget_year, month.
-- What of a community's year is the pool's, to date: a share of what the rule names. Out of the retained surplus the
-- pool is taken first and the rest is what remains, so that no yuan of it is spent twice (corrections 21). Another base
-- is a scenario with an approval of its own: it leaves the retained surplus whole. As long as nobody can say what was
-- spent in some month, there is no surplus to take from.
-- Source: methods F3, F6; REQ-133, REQ-134, REQ-173, REQ-197.
with executed as (
    select
        month,
        budget_year,
        decided_on,
        community_id,
        sum(budget_fen) as budget_fen,
        sum(surplus_fen) as surplus_fen,
        max(unknown_months) as unknown_months
    from {{ ref('fund_execution') }}
    group by
        month,
        budget_year,
        decided_on,
        community_id
),

retained as (
    select
        month,
        budget_year,
        community_id,
        sum(retained_fen) as retained_fen
    from {{ ref('fund_retention') }}
    group by
        month,
        budget_year,
        community_id
),

based as (
    select
        e.community_id,
        e.budget_year,
        e.month,
        e.decided_on,
        r.base,
        r.share,
        r.approval_number,
        coalesce(t.retained_fen, 0) as retained_fen,
        case r.base
            when 'retained_surplus' then coalesce(t.retained_fen, 0)
            when 'surplus' then case when e.unknown_months = 0 then greatest(coalesce(e.surplus_fen, 0), 0) else 0 end
            when 'fund_total' then coalesce(e.budget_fen, 0)
            when 'fund_of_signed'
                then coalesce({{ divide_half_up(wide('e.budget_fen') ~ ' * s.signed_months', 's.insured_months') }}, 0)
        end as base_fen
    from executed as e
    inner join {{ incoming('policy', 'pool_rule') }} as r
        on
            e.community_id = r.community_id
            and {{ in_force('r', 'e.decided_on') }}
    left join {{ ref('fund_signed') }} as s
        on
            e.month = s.month
            and e.budget_year = s.budget_year
            and e.community_id = s.community_id
    left join retained as t
        on
            e.month = t.month
            and e.budget_year = t.budget_year
            and e.community_id = t.community_id
),

shared as (
    select
        *,
        cast({{ divide_half_up(wide('base_fen') ~ ' * ' ~ millionths('share'), '1000000') }} as bigint) as pool_fen
    from based
)

select
    community_id,
    budget_year,
    month,
    decided_on,
    base,
    share,
    approval_number,
    cast(base_fen as bigint) as base_fen,
    pool_fen,
    cast(retained_fen as bigint) as retained_fen,
    cast(retained_fen - case when base = 'retained_surplus' then pool_fen else 0 end as bigint) as remainder_fen
from shared
