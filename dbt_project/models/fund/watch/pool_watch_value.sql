-- Grain: month, institution_id, subject, measure.
-- Everything about the pool and pay that is held against a bound, one row each. Of fewer people than the smallest cell
-- nothing is said. What is the pool's as a whole stands with the community as its institution.
-- Source: methods G, H.10, H.11; REQ-117, REQ-165, REQ-174, REQ-181, REQ-187, REQ-188, REQ-191, REQ-194, REQ-198,
-- REQ-199.
with distribution as (
    select d.*
    from {{ ref('pool_distribution_measure') }} as d
    inner join {{ ref('policy_parameter') }} as p
        on d.month = p.month
    where d.people >= p.small_cell_minimum
),

measured as (
    {%- for measure in ['deviation_pct', 'not_given_pct', 'head_share_pct', 'appeal_pct', 'gini'] %}
    select
        month,
        institution_id,
        department_code as subject,
        '{{ measure }}' as measure,
        {{ measure }} as value,
        people
    from distribution

    union all
    {% endfor %}
    {%- for measure in ['cv_low', 'cv_high'] %}
    select
        month,
        institution_id,
        department_code as subject,
        '{{ measure }}' as measure,
        variation as value,
        people
    from distribution

    union all
    {% endfor %}
    select
        e.month,
        e.institution_id,
        '' as subject,
        'rank_correlation_low' as measure,
        e.rank_correlation as value,
        e.people
    from {{ ref('pay_effort') }} as e
    inner join {{ ref('policy_parameter') }} as p
        on e.month = p.month
    where e.people >= p.small_cell_minimum

    union all

    select
        month,
        institution_id,
        '' as subject,
        'two_permits_pct' as measure,
        used_pct as value,
        cast(null as bigint) as people
    from {{ ref('two_permits') }}

    union all

    select
        month,
        institution_id,
        project_id as subject,
        'project_growth_pct' as measure,
        growth_pct as value,
        cast(null as bigint) as people
    from {{ ref('project_effect') }}

    union all

    select
        month,
        community_id as institution_id,
        source as subject,
        'source_deviation_pct' as measure,
        deviation_pct as value,
        cast(null as bigint) as people
    from {{ ref('pool_source_mix') }}

    union all

    select
        month,
        community_id as institution_id,
        use as subject,
        'use_overdrawn_fen' as measure,
        cast(overdrawn_fen as double) as value,
        cast(null as bigint) as people
    from {{ ref('pool_overdrawn') }}

    union all

    select
        a.month,
        a.institution_id,
        '' as subject,
        'participation_low' as measure,
        a.participation_pct as value,
        a.people
    from {{ ref('assistance_participation') }} as a
    inner join {{ ref('policy_parameter') }} as p
        on a.month = p.month
    where a.people >= p.small_cell_minimum

    union all

    select
        m.month,
        r.community_id as institution_id,
        '' as subject,
        'referral_gap_pct' as measure,
        cast(r.cost_increase_pct - r.subsidy_cover_pct as double) as value,
        cast(null as bigint) as people
    from {{ ref('dim_month') }} as m
    inner join {{ incoming('policy', 'referral_cost') }} as r
        on {{ in_force('r', 'm.last_day') }}

    union all

    select
        d.month,
        d.institution_id,
        '' as subject,
        'payroll_difference_fen' as measure,
        cast(sum(abs(d.difference_fen)) as double) as value,
        count(*) as people
    from {{ ref('pay_difference') }} as d
    inner join {{ ref('policy_parameter') }} as p
        on d.month = p.month
    group by
        d.month,
        d.institution_id,
        p.small_cell_minimum
    having count(*) >= p.small_cell_minimum
),

bound as (
    select
        m.month,
        w.measure,
        w.bound
    from {{ ref('dim_month') }} as m
    inner join {{ incoming('policy', 'pool_watch') }} as w
        on {{ in_force('w', 'm.last_day') }}
),

project as (
    select
        month,
        project_id,
        'project_growth_pct' as measure,
        minimum_growth_pct
    from {{ ref('project_effect') }}
),

-- A project has a bound of its own, what is approved and what is due leave no room.
bounded as (
    select
        v.*,
        case
            when v.measure = 'two_permits_pct' then 100
            when v.measure in ('payroll_difference_fen', 'not_given_pct', 'use_overdrawn_fen', 'referral_gap_pct')
                then 0
            else coalesce(e.minimum_growth_pct, b.bound)
        end as bound
    from measured as v
    left join bound as b
        on
            v.month = b.month
            and v.measure = b.measure
    left join project as e
        on
            v.measure = e.measure
            and v.month = e.month
            and v.subject = e.project_id
)

select
    month,
    institution_id,
    subject,
    measure,
    round(value, 6) as value,
    cast(bound as double) as bound,
    cast(people as bigint) as people,
    case
        when measure in ('cv_low', 'rank_correlation_low', 'project_growth_pct', 'participation_low') then value < bound
        when measure = 'not_given_pct' then value <> bound
        else value > bound
    end as is_beyond
from bounded
where value is not null
