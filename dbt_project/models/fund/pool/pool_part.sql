-- Grain: community_id, month, driver, institution_id.
-- A quarter's money first by driver, then each driver's part by institution. What a driver cannot place (nobody has a
-- score) is a row without an institution: it rests, and is not given to others.
-- Source: methods H.2, H.12; REQ-178, REQ-184.
with driven as (
    select
        r.community_id,
        r.month,
        r.amount_fen as round_fen,
        d.driver,
        {{ millionths('d.weight') }} as driver_weight
    from {{ ref('pool_round') }} as r
    inner join {{ ref('dim_month') }} as m
        on r.month = m.month
    inner join {{ incoming('policy', 'pool_driver') }} as d
        on {{ in_force('d', 'm.last_day') }}
    where
        d.level = 'institution'
        and r.amount_fen > 0
),

by_driver as (
    {{ split_exactly('driven', ['community_id', 'month'], ['driver'], 'round_fen', 'driver_weight') }}
),

placed as (
    select
        b.community_id,
        b.month,
        b.driver,
        b.amount_fen as driver_fen,
        v.institution_id,
        coalesce(v.weight, 0) as weight
    from by_driver as b
    left join {{ ref('pool_driver_value') }} as v
        on
            b.community_id = v.community_id
            and b.month = v.month
            and b.driver = v.driver
),

split as (
    {{ split_exactly('placed', ['community_id', 'month', 'driver'], ['institution_id'], 'driver_fen', 'weight') }}
)

select
    community_id,
    month,
    driver,
    institution_id,
    weight,
    driver_fen,
    amount_fen
from split
where amount_fen is not null

union all

select distinct
    community_id,
    month,
    driver,
    '-' as institution_id,
    cast(0 as bigint) as weight,
    driver_fen,
    driver_fen as amount_fen
from split
where amount_fen is null
