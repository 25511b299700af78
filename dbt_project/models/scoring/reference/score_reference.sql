-- For reference only: how peers stand by other methods than the card's, the year so far. No score, rank or pay rests
-- on it: by entropy, TOPSIS and RSR an institution's points change when another one joins.
with weighted as (
    select
        v.month,
        v.peer_group,
        v.institution_id,
        v.kpi_id,
        v.peers,
        v.normalised,
        w.weight,
        v.normalised * w.weight as weighted_value,
        max(v.normalised * w.weight) over (partition by v.month, v.peer_group, v.kpi_id) as ideal,
        min(v.normalised * w.weight) over (partition by v.month, v.peer_group, v.kpi_id) as worst,
        -- The mean of the ranks that equal values share, the best highest.
        rank() over (partition by v.month, v.peer_group, v.kpi_id order by v.normalised asc nulls last)
        + {{ quotient('count(*) over (partition by v.month, v.peer_group, v.kpi_id, v.normalised) - 1', '2') }}
            as mean_rank
    from {{ ref('score_reference_value') }} as v
    inner join {{ ref('score_reference_weight') }} as w
        on
            v.month = w.month
            and v.peer_group = w.peer_group
            and v.kpi_id = w.kpi_id
),

summed as (
    select
        month,
        peer_group,
        institution_id,
        count(*) as indicators,
        sum(weighted_value) as entropy,
        sqrt(sum((ideal - weighted_value) * (ideal - weighted_value))) as to_ideal,
        sqrt(sum((weighted_value - worst) * (weighted_value - worst))) as to_worst,
        {{ quotient('sum(mean_rank)', 'count(*) * peers') }} as rsr,
        {{ quotient('sum(weight * mean_rank)', 'peers') }} as weighted_rsr
    from weighted
    group by
        month,
        peer_group,
        institution_id,
        peers
),

-- A3: 60 at the baseline, 100 at the target, straight on beyond both.
efficacy as (
    select
        s.month,
        s.peer_group,
        s.institution_id,
        count(*) as indicators,
        {{ quotient(
            'sum(i.weight * (60 + 40 * ' ~ quotient('i.value - t.baseline', 't.target - t.baseline') ~ '))',
            'sum(i.weight)'
        ) }} as score
    from {{ ref('score_institution') }} as s
    inner join {{ ref('score_annual_indicator') }} as i
        on
            s.month = i.month
            and s.institution_id = i.institution_id
    inner join {{ ref('score_target') }} as t
        on
            i.value_month = t.month
            and t.unit_level = 'institution'
            and i.institution_id = t.unit_id
            and i.kpi_id = t.kpi_id
    where
        s.score is not null
        and i.status = 'valid'
        and t.target <> t.baseline
    group by
        s.month,
        s.peer_group,
        s.institution_id
),

by_method as (
    select
        month,
        peer_group,
        institution_id,
        'efficacy' as method,
        indicators,
        score
    from efficacy
    {%- for method, score in {
        'entropy': 'entropy',
        'topsis_minmax': quotient('to_worst', 'to_ideal + to_worst'),
        'rsr': 'rsr',
        'weighted_rsr': 'weighted_rsr',
    }.items() %}

    union all

    select
        month,
        peer_group,
        institution_id,
        '{{ method }}' as method,
        indicators,
        {{ score }} as score
    from summed
    {%- endfor %}
),

ranked as (
    select
        month,
        peer_group,
        institution_id,
        method,
        cast(indicators as integer) as indicators,
        cast(round(score, 6) as decimal(12, 6)) as score,
        rank() over (partition by month, peer_group, method order by round(score, 6) desc nulls last) as rank_of_all,
        cast(count(*) over (partition by month, peer_group, method) as integer) as peers
    from by_method
)

select
    r.month,
    r.peer_group,
    r.institution_id,
    r.method,
    r.indicators,
    r.score,
    case when r.peers >= p.minimum_peers then cast(r.rank_of_all as bigint) end as rank_in_peer_group,
    r.peers,
    true as is_reference
from ranked as r
inner join {{ ref('policy_parameter') }} as p
    on r.month = p.month
