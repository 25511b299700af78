-- Grain: month, unit_level, unit_id.
-- Consolidated accounts: of a community, and of the county, what its members earned from and paid to each other is
-- taken out on both sides; what remains internal is 0. Between communities it is income and cost of theirs, and
-- internal to the county.
-- Source: methods G; REQ-172.
with pair as (
    select
        t.month,
        p.alliance_id as provider_community_id,
        c.alliance_id as consumer_community_id,
        sum(t.settled_fen) as amount_fen
    from {{ ref('market_txn') }} as t
    inner join {{ ref('dim_month') }} as m
        on t.month = m.month
    inner join {{ ref('dim_institution') }} as p
        on t.provider_institution_id = p.institution_id
    inner join {{ ref('dim_institution') }} as c
        on t.consumer_institution_id = c.institution_id
    group by
        t.month,
        p.alliance_id,
        c.alliance_id
),

side as (
    select
        month,
        'community' as unit_level,
        provider_community_id as unit_id,
        amount_fen as income_fen,
        0 as cost_fen,
        case when provider_community_id = consumer_community_id then amount_fen else 0 end as eliminated_income_fen,
        0 as eliminated_cost_fen
    from pair

    union all

    select
        month,
        'community' as unit_level,
        consumer_community_id as unit_id,
        0 as income_fen,
        amount_fen as cost_fen,
        0 as eliminated_income_fen,
        case when provider_community_id = consumer_community_id then amount_fen else 0 end as eliminated_cost_fen
    from pair

    union all

    select
        month,
        'county' as unit_level,
        'county' as unit_id,
        amount_fen as income_fen,
        amount_fen as cost_fen,
        amount_fen as eliminated_income_fen,
        amount_fen as eliminated_cost_fen
    from pair
)

select
    month,
    unit_level,
    unit_id,
    cast(sum(income_fen) as bigint) as income_fen,
    cast(sum(cost_fen) as bigint) as cost_fen,
    cast(sum(eliminated_income_fen) as bigint) as eliminated_income_fen,
    cast(sum(eliminated_cost_fen) as bigint) as eliminated_cost_fen,
    cast(sum(income_fen) - sum(eliminated_income_fen) as bigint) as external_income_fen,
    cast(sum(cost_fen) - sum(eliminated_cost_fen) as bigint) as external_cost_fen,
    cast(sum(eliminated_income_fen) - sum(eliminated_cost_fen) as bigint) as remaining_internal_fen
from side
group by
    month,
    unit_level,
    unit_id
