-- Grain: community_id, month, source.
-- What each source gave in the year to date, beside its planned share.
-- Source: methods H.1; REQ-174, REQ-175.
with received as (
    select
        b.community_id,
        b.month,
        p.source,
        p.share as planned_share,
        coalesce(sum(r.amount_fen), 0) as received_fen
    from {{ ref('pool_month') }} as b
    inner join {{ incoming('policy', 'pool_source_plan') }} as p
        on {{ in_force('p', 'b.last_day') }}
    inner join {{ ref('kpi_window') }} as w
        on
            b.month = w.month
            and w.kpi_window = 'ytd'
    left join {{ ref('pool_receipt') }} as r
        on
            w.member_month = r.month
            and b.community_id = r.community_id
            and p.source = r.source
    group by
        b.community_id,
        b.month,
        p.source,
        p.share
),

whole as (
    select
        *,
        sum(received_fen) over (
            partition by community_id, month
        ) as total_fen
    from received
)

select
    community_id,
    month,
    source,
    cast(received_fen as bigint) as received_fen,
    cast(total_fen as bigint) as total_fen,
    planned_share,
    cast(round(100 * {{ quotient('received_fen', 'total_fen') }}, 4) as decimal(9, 4)) as actual_share_pct,
    round(abs(100 * {{ quotient('received_fen', 'total_fen') }} - 100 * planned_share), 6) as deviation_pct
from whole
