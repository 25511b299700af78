-- Grain: month, institution_id, driver.
-- What each institution has of what a quarter's money is shared out by, as a whole-number weight: people insured and
-- contracted (untouched by scores), the quarter's mean score × the tier's factor, the work of its people.
-- Source: methods H.2; REQ-178, REQ-179, REQ-184.
with quarter_end as (
    select
        month,
        last_day
    from {{ ref('dim_month') }}
    where month_of_year in (3, 6, 9, 12)
),

member as (
    select
        i.institution_id,
        i.institution_tier,
        i.alliance_id,
        {{ kept_with('i') }} as counted_with
    from {{ ref('dim_institution') }} as i
    where i.alliance_id is not null
),

population as (
    select
        n.month,
        p.counted_with as institution_id,
        count(distinct n.person_key) as weight
    from {{ ref('fct_insured_month') }} as n
    inner join quarter_end as q
        on n.month = q.month
    inner join member as p
        on n.contracted_institution_id = p.institution_id
    group by
        n.month,
        p.counted_with
),

factor as (
    select
        q.month,
        f.institution_tier,
        f.factor
    from quarter_end as q
    inner join {{ incoming('policy', 'pool_tier_factor') }} as f
        on {{ in_force('f', 'q.last_day') }}
),

-- A tier without a row counts once.
score as (
    select
        q.month,
        s.institution_id,
        {{ millionths(quotient('sum(s.score)', 'count(s.score)') ~ ' * coalesce(max(f.factor), 1)') }} as weight
    from quarter_end as q
    inner join {{ ref('kpi_window') }} as w
        on
            q.month = w.month
            and w.kpi_window = 'quarter'
    inner join {{ ref('score_institution') }} as s
        on w.member_month = s.month
    left join factor as f
        on
            q.month = f.month
            and s.institution_tier = f.institution_tier
    where s.score is not null
    group by
        q.month,
        s.institution_id
),

workload as (
    select
        month,
        institution_id,
        sum(weight) as weight
    from {{ ref('pool_work') }}
    group by
        month,
        institution_id
),

valued as (
    select
        'population' as driver,
        p.*
    from population as p

    union all

    select
        'score' as driver,
        s.*
    from score as s

    union all

    select
        'workload' as driver,
        w.*
    from workload as w
)

select
    v.month,
    v.institution_id,
    p.alliance_id as community_id,
    v.driver,
    cast(v.weight as bigint) as weight
from valued as v
inner join member as p
    on v.institution_id = p.institution_id
