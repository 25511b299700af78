-- The total of the card, its rank among peers and the head's pay coefficient, which a veto caps while the total
-- stays. No total below the minimum coverage or from too few indicators or dimensions (what was withheld and scores
-- the lowest counts as one: to withhold is no way out); no rank among too few peers. A village without a total is
-- scored with the institution that keeps it.
with total as (
    select
        m.month,
        m.last_day,
        i.institution_id,
        i.institution_name,
        i.institution_tier,
        i.peer_group,
        case when i.institution_tier = 'village' then i.parent_id end as keeper_id,
        p.minimum_peers,
        p.minimum_coverage_pct,
        p.minimum_valid_indicators,
        p.minimum_valid_dimensions,
        coalesce(sum(d.scored_indicators), 0) as valid_indicators,
        count(d.score) as valid_dimensions,
        coalesce(sum(d.total_weight), 0) as total_weight,
        sum(d.effective_weight) as effective_weight,
        sum(d.weighted_points) as weighted_points,
        100 * {{ quotient('sum(d.effective_weight)', 'sum(d.total_weight)') }} as coverage_pct
    from {{ ref('dim_month') }} as m
    inner join {{ ref('policy_parameter') }} as p
        on m.month = p.month
    cross join {{ ref('dim_institution') }} as i
    left join {{ ref('score_dimension') }} as d
        on
            m.month = d.month
            and i.institution_id = d.institution_id
    group by
        m.month,
        m.last_day,
        i.institution_id,
        i.institution_name,
        i.institution_tier,
        i.peer_group,
        i.parent_id,
        p.minimum_peers,
        p.minimum_coverage_pct,
        p.minimum_valid_indicators,
        p.minimum_valid_dimensions
),

scored as (
    select
        t.*,
        cast(
            case
                when
                    round(t.coverage_pct, 4) >= t.minimum_coverage_pct
                    and t.valid_indicators >= t.minimum_valid_indicators
                    and t.valid_dimensions >= t.minimum_valid_dimensions
                    then round({{ quotient('t.weighted_points', 't.effective_weight') }}, 4)
            end as decimal(9, 4)
        ) as score
    from total as t
),

keeper as (
    select
        month,
        institution_id
    from total
    where total_weight > 0
),

ranked as (
    select
        s.*,
        count(s.score) over (partition by s.month, s.peer_group) as peers,
        rank() over (partition by s.month, s.peer_group order by s.score desc nulls last) as rank_of_all
    from scored as s
),

pay as (
    {{ pay_by_curve('scored') }}
)

select
    r.month,
    r.institution_id,
    r.institution_name,
    r.institution_tier,
    r.peer_group,
    cast(r.total_weight as decimal(9, 4)) as total_weight,
    cast(r.effective_weight as decimal(9, 4)) as effective_weight,
    r.score,
    cast(round(r.coverage_pct, 4) as decimal(9, 4)) as coverage_pct,
    case when r.score is not null and r.peers >= r.minimum_peers then cast(r.rank_of_all as bigint) end
        as rank_in_peer_group,
    r.peers,
    case when p.coefficient > v.pay_cap then v.pay_cap else p.coefficient end as pay_coefficient,
    case
        when r.score is not null then 'valid'
        when k.institution_id is not null then 'scored_with_keeper'
        when r.total_weight = 0 then 'not_applicable'
        else 'below_minimum'
    end as status,
    cast(r.valid_indicators as integer) as valid_indicators,
    cast(r.valid_dimensions as integer) as valid_dimensions,
    case when r.score is null then k.institution_id end as scored_with,
    p.coefficient as pay_coefficient_before_veto,
    v.vetoed_by,
    v.is_veto_appealed
from ranked as r
left join keeper as k
    on
        r.month = k.month
        and r.keeper_id = k.institution_id
left join pay as p
    on
        r.month = p.month
        and r.institution_id = p.institution_id
        and p.preference = 1
left join {{ ref('score_pay_cap') }} as v
    on
        r.month = v.month
        and r.institution_id = v.institution_id
