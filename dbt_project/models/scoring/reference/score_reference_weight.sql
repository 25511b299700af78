-- For reference only. Entropy weights (methods A5): they reward what differs, not what matters.
with total as (
    select
        month,
        peer_group,
        kpi_id,
        peers,
        sum(normalised) as whole
    from {{ ref('score_reference_value') }}
    group by
        month,
        peer_group,
        kpi_id,
        peers
),

share as (
    select
        t.month,
        t.peer_group,
        t.kpi_id,
        t.peers,
        {{ quotient('v.normalised', 't.whole') }} as share
    from total as t
    inner join {{ ref('score_reference_value') }} as v
        on
            t.month = v.month
            and t.peer_group = v.peer_group
            and t.kpi_id = v.kpi_id
),

entropy as (
    select
        month,
        peer_group,
        kpi_id,
        -- 0 · ln 0 is 0. A group of one has no entropy.
        {{ quotient('-sum(case when share > 0 then share * ln(share) else 0 end)', 'ln(peers)') }} as entropy
    from share
    group by
        month,
        peer_group,
        kpi_id,
        peers
)

select
    month,
    peer_group,
    kpi_id,
    cast(round(entropy, 6) as decimal(9, 6)) as entropy,
    cast(
        round({{ quotient('1 - entropy', 'sum(1 - entropy) over (partition by month, peer_group)') }}, 9)
        as decimal(12, 9)
    ) as weight
from entropy
