-- Grain: community_id, month.
-- What a quarter hands out of the regular part: what may be handed out to date (less the reserve) beyond what earlier
-- quarters did. Nothing is taken back from people: where less is there than was handed out, a later quarter makes up.
-- Source: REQ-177, REQ-192.
with allowed as (
    select
        u.community_id,
        u.month,
        u.year,
        u.to_date_fen,
        b.reserve_share,
        b.person_mode,
        greatest(0, u.to_date_fen - {{ divide_half_up(
            wide('greatest(u.to_date_fen, 0)') ~ ' * ' ~ millionths('b.reserve_share'), '1000000'
        ) }}) as allowed_fen
    from {{ ref('pool_use') }} as u
    inner join {{ ref('pool_month') }} as b
        on
            u.community_id = b.community_id
            and u.month = b.month
    inner join {{ ref('dim_month') }} as m
        on u.month = m.month
    where
        u.use = 'regular'
        and m.month_of_year in (3, 6, 9, 12)
),

reached as (
    select
        a.community_id,
        a.month,
        a.year,
        a.to_date_fen,
        a.person_mode,
        max(e.allowed_fen) as handed_out_to_date_fen
    from allowed as a
    inner join allowed as e
        on
            a.community_id = e.community_id
            and a.year = e.year
            and a.month >= e.month
    group by
        a.community_id,
        a.month,
        a.year,
        a.to_date_fen,
        a.person_mode
)

select
    community_id,
    month,
    year,
    person_mode,
    to_date_fen,
    cast(handed_out_to_date_fen as bigint) as handed_out_to_date_fen,
    cast(handed_out_to_date_fen - coalesce(lag(handed_out_to_date_fen) over (
        partition by community_id, year
        order by month asc nulls last
    ), 0) as bigint) as amount_fen
from reached
