-- Why a total moved from one month to the next, indicator by indicator: what its contribution was and is, and how
-- much of the difference came with the value (of ratios: numerator, then denominator), with target, threshold and
-- anchors, with the weight (its own, or of others that gained or lost points), or with having points at all. The
-- steps are taken in this order, each with everything before it as it is now, so that they add up.
with points as (
    {{ anchor_points() }}
),

card as (
    select
        s.month,
        s.institution_id,
        s.kpi_id,
        s.status,
        s.value_month,
        s.value,
        s.weight,
        s.must_reach,
        s.score,
        s.weighted_score,
        v.numerator,
        v.denominator,
        cast(
            {{ quotient(
                's.weight',
                'sum(case when s.score is not null then s.weight end) over (partition by s.month, s.institution_id)'
            ) }} as double
        ) as share_of_card
    from {{ ref('score_indicator') }} as s
    inner join {{ ref('dim_kpi') }} as k
        on s.kpi_id = k.kpi_id
    left join {{ ref('kpi_value') }} as v
        on
            s.value_month = v.month
            and k.scoring_window = v.kpi_window
            and v.unit_level = 'institution'
            and s.institution_id = v.unit_id
            and s.kpi_id = v.kpi_id
),

neighbours as (
    select
        m.month,
        m.last_day,
        p.month as previous_month,
        p.last_day as previous_last_day
    from {{ ref('dim_month') }} as m
    inner join {{ ref('dim_month') }} as p
        on m.month_number = p.month_number + 1
),

-- What stands in either of the two cards.
subject as (
    select distinct
        n.month,
        n.last_day,
        n.previous_month,
        n.previous_last_day,
        c.institution_id,
        c.kpi_id
    from neighbours as n
    inner join card as c
        on c.month in (n.month, n.previous_month)
),

compared as (
    select
        j.month,
        j.previous_month,
        j.institution_id,
        j.kpi_id,
        k.direction,
        k.version as definition_version,
        k.effective_from > j.previous_last_day and k.effective_from <= j.last_day as is_definition_changed,
        b.status as previous_status,
        a.status,
        b.value_month as previous_value_month,
        b.weight as previous_weight,
        a.weight,
        b.numerator as previous_numerator,
        a.numerator,
        b.denominator as previous_denominator,
        a.denominator,
        b.value as previous_value,
        a.value,
        b.must_reach as previous_must_reach,
        b.score as previous_score,
        a.score,
        cast(coalesce(b.weighted_score, 0) as decimal(9, 4)) as previous_contribution,
        cast(coalesce(a.weighted_score, 0) as decimal(9, 4)) as contribution,
        b.share_of_card as previous_share,
        a.share_of_card,
        coalesce(a.status = 'valid' and b.status = 'valid', false)
        and a.score is not null and b.score is not null as is_comparable,
        case
            when k.statistic = 'ratio'
                then {{ quotient('a.numerator * k.scale', 'b.denominator * k.divisor') }}
        end as value_by_numerator
    from subject as j
    inner join {{ ref('dim_kpi') }} as k
        on j.kpi_id = k.kpi_id
    left join card as a
        on
            j.month = a.month
            and j.institution_id = a.institution_id
            and j.kpi_id = a.kpi_id
    left join card as b
        on
            j.previous_month = b.month
            and j.institution_id = b.institution_id
            and j.kpi_id = b.kpi_id
),

supposed as (
    select
        month,
        previous_month,
        previous_value_month,
        institution_id,
        kpi_id,
        direction,
        previous_must_reach,
        'value' as supposition,
        cast(value as double) as value
    from compared
    where is_comparable

    union all

    select
        month,
        previous_month,
        previous_value_month,
        institution_id,
        kpi_id,
        direction,
        previous_must_reach,
        'numerator' as supposition,
        value_by_numerator as value
    from compared
    where is_comparable
),

-- The value of now (or of now's numerator over the denominator of before) against the target, threshold and anchors of
-- before.
turned as (
    select
        k.month,
        k.institution_id,
        k.kpi_id,
        k.supposition,
        {{ misses('k.value', 'k.previous_must_reach', 'k.direction') }} as is_threshold_missed,
        {{ turned_columns('k.value') }},
        p.p_floor,
        p.p_baseline,
        p.p_target,
        p.p_challenge
    from supposed as k
    inner join {{ ref('score_target') }} as t
        on
            k.previous_value_month = t.month
            and t.unit_level = 'institution'
            and k.institution_id = t.unit_id
            and k.kpi_id = t.kpi_id
    inner join points as p
        on k.previous_value_month = p.month
),

scored as (
    select
        month,
        institution_id,
        kpi_id,
        supposition,
        case when is_threshold_missed then 0 else {{ points_of_turned() }} end as score
    from turned
),

supposed_score as (
    select
        month,
        institution_id,
        kpi_id,
        max(case when supposition = 'value' then score end) as by_value,
        max(case when supposition = 'numerator' then score end) as by_numerator
    from scored
    group by
        month,
        institution_id,
        kpi_id
)

select
    c.month,
    c.previous_month,
    c.institution_id,
    c.kpi_id,
    c.previous_status,
    c.status,
    c.previous_weight,
    c.weight,
    c.previous_numerator,
    c.numerator,
    c.previous_denominator,
    c.denominator,
    c.previous_value,
    c.value,
    c.previous_score,
    c.score,
    c.previous_contribution,
    c.contribution,
    cast(c.contribution - c.previous_contribution as decimal(9, 4)) as change,
    {%- set steps = {
        'by_value': 'c.previous_share * (s.by_value - c.previous_score)',
        'by_numerator': 'c.previous_share * (s.by_numerator - c.previous_score)',
        'by_denominator': 'c.previous_share * (s.by_value - s.by_numerator)',
        'by_target': 'c.previous_share * (c.score - s.by_value)',
        'by_weight': '(c.share_of_card - c.previous_share) * c.score',
    } %}
    {%- for name, step in steps.items() %}
    cast(round(case when c.is_comparable then {{ step }} end, 4) as decimal(9, 4)) as {{ name }},
    {%- endfor %}
    cast(case when not c.is_comparable then c.contribution - c.previous_contribution end as decimal(9, 4)) as by_status,
    c.definition_version,
    c.is_definition_changed
from compared as c
left join supposed_score as s
    on
        c.month = s.month
        and c.institution_id = s.institution_id
        and c.kpi_id = s.kpi_id
