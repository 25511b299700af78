-- For reference only. Values that institutions of one peer group can be compared by, the year so far: those with a
-- total, and the indicators that all of them have a valid value of and that tell them apart. `normalised`: 0 the
-- worst of them, 1 the best.
with compared as (
    select
        s.month,
        s.peer_group,
        s.institution_id,
        count(*) over (partition by s.month, s.peer_group) as peers,
        p.minimum_peers
    from {{ ref('score_institution') }} as s
    inner join {{ ref('policy_parameter') }} as p
        on s.month = p.month
    where s.score is not null
),

item as (
    select
        c.month,
        c.peer_group,
        c.institution_id,
        c.peers,
        i.kpi_id,
        case when k.direction = 'lower' then -i.value else i.value end as turned,
        count(*) over (partition by c.month, c.peer_group, i.kpi_id) as known
    from compared as c
    inner join {{ ref('score_annual_indicator') }} as i
        on
            c.month = i.month
            and c.institution_id = i.institution_id
    inner join {{ ref('dim_kpi') }} as k
        on i.kpi_id = k.kpi_id
    where
        c.peers >= c.minimum_peers
        and i.status = 'valid'
        and k.direction in ('higher', 'lower')
),

spread as (
    select
        i.*,
        min(i.turned) over (partition by i.month, i.peer_group, i.kpi_id) as worst,
        max(i.turned) over (partition by i.month, i.peer_group, i.kpi_id) as best
    from item as i
    where i.known = i.peers
)

select
    month,
    peer_group,
    institution_id,
    kpi_id,
    peers,
    {{ quotient('turned - worst', 'best - worst') }} as normalised
from spread
where best > worst
