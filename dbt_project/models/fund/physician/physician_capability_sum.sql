-- Grain: month, institution_id, staff_id, part.
-- What the parts of capability rest on, month by month: cases, what they add up to, and their squares. Volume:
-- points, of events. Difficulty: weights of inpatient cases. Quality: cases as they should be, of those that the
-- physician's quality indicators judge. Judgement: what patients say, and apart from it what colleagues say, 0 to 1
-- each. Nothing of payment standards or profit.
with volume as (
    select
        month,
        institution_id,
        staff_id,
        cast(sum(events) as double) as cases,
        cast(sum(points) as double) as total,
        cast(null as double) as squares
    from {{ ref('staff_point') }}
    group by
        month,
        institution_id,
        staff_id
),

difficulty as (
    select
        month,
        institution_id,
        staff_id,
        cast(count(*) as double) as cases,
        cast(sum(weight) as double) as total,
        sum(cast(weight as double) * cast(weight as double)) as squares
    from {{ ref('physician_case_weight') }}
    group by
        month,
        institution_id,
        staff_id
),

judged as (
    select distinct
        m.month,
        r.kpi_id
    from {{ ref('dim_month') }} as m
    inner join {{ incoming('policy', 'quality_factor_rule') }} as r
        on {{ in_force('r', 'm.last_day') }}
    where r.unit_level = 'physician'
),

quality as (
    select
        v.month,
        {{ place_of_unit('v.unit_id') }} as institution_id,
        {{ below_place_of_unit('v.unit_id') }} as staff_id,
        cast(sum(v.denominator) as double) as cases,
        cast(
            sum(case when k.direction = 'lower' then v.denominator - v.numerator else v.numerator end) as double
        ) as total,
        cast(null as double) as squares
    from {{ ref('kpi_value') }} as v
    inner join judged as j
        on
            v.month = j.month
            and v.kpi_id = j.kpi_id
    inner join {{ ref('dim_kpi') }} as k
        on v.kpi_id = k.kpi_id
    where
        v.unit_level = 'physician'
        and v.kpi_window = 'month'
        and k.direction in ('higher', 'lower')
        and v.numerator between 0 and v.denominator
        and v.denominator > 0
    group by
        v.month,
        {{ place_of_unit('v.unit_id') }},
        {{ below_place_of_unit('v.unit_id') }}
),

judgement as (
    select
        s.month,
        s.institution_id,
        e.staff_id,
        cast(count(*) as double) as cases,
        cast(sum(s.overall_points) as double) * 0.01 as total,
        cast(null as double) as squares
    from {{ ref('fct_satisfaction') }} as s
    inner join {{ ref('policy_code') }} as c
        on
            s.month = c.month
            and c.code_set = 'satisfaction_respondent'
            and s.respondent_type = c.code
    inner join {{ ref('encounter') }} as e
        on
            s.deliverer_id = e.deliverer_id
            and s.institution_id = e.institution_id
            and s.visit_id = e.visit_id
    where e.staff_id is not null
    group by
        s.month,
        s.institution_id,
        e.staff_id
),

peer_judgement as (
    select
        month,
        institution_id,
        staff_id,
        cast(reviews as double) as cases,
        cast(reviews as double) * cast(mean_score as double) * 0.01 as total,
        cast(null as double) as squares
    from {{ incoming('policy', 'peer_review') }}
)
{% for part in capability_parts() %}
select
    month,
    institution_id,
    staff_id,
    '{{ part }}' as part,
    cases,
    total,
    squares
from {{ part }}
{{ 'union all' if not loop.last }}
{% endfor %}
