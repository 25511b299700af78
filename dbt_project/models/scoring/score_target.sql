-- The target in force for each institution and KPI on the last day of each month: the institution's own, else its
-- tier's, else the county's. Relative targets are absolute here: delta adds to the institution's own baseline, ratio
-- multiplies it. The default floor lies as far below the baseline as the target lies above it.
with preferred_target as (
    select
        m.month,
        i.institution_id,
        t.kpi_id,
        t.target_mode,
        t.baseline,
        t.target,
        t.challenge,
        t.floor,
        t.range_low,
        t.range_high,
        t.tolerance,
        row_number() over (
            partition by m.month, i.institution_id, t.kpi_id
            order by
                case when t.institution_id is null then 1 else 0 end asc nulls last,
                case when t.institution_tier is null then 1 else 0 end asc nulls last,
                t.effective_from desc nulls last
        ) as preference
    from {{ ref('dim_month') }} as m
    cross join {{ ref('dim_institution') }} as i
    inner join {{ incoming('policy', 'kpi_target') }} as t
        on
            {{ in_force('t', 'm.last_day') }}
            and (t.institution_id is null or t.institution_id = i.institution_id)
            and (t.institution_tier is null or t.institution_tier = i.institution_tier)
),

own_baseline as (
    select
        m.month,
        b.institution_id,
        b.kpi_id,
        max(b.baseline_value) as baseline_value
    from {{ ref('dim_month') }} as m
    inner join {{ incoming('policy', 'institution_baseline') }} as b
        on {{ in_force('b', 'm.last_day') }}
    group by
        m.month,
        b.institution_id,
        b.kpi_id
),

absolute_target as (
    select
        t.month,
        t.institution_id,
        t.kpi_id,
        t.target_mode,
        cast(
            case
                when t.target_mode in ('delta', 'ratio') then coalesce(b.baseline_value, t.baseline)
                else t.baseline
            end as decimal(18, 6)
        ) as baseline,
        {%- for level in ['target', 'challenge', 'floor'] %}
        cast(
            case t.target_mode
                when 'delta' then coalesce(b.baseline_value, t.baseline) + t.{{ level }}
                when 'ratio' then coalesce(b.baseline_value, t.baseline) * t.{{ level }}
                else t.{{ level }}
            end as decimal(18, 6)
        ) as {{ level }},
        {%- endfor %}
        t.range_low,
        t.range_high,
        t.tolerance
    from preferred_target as t
    left join own_baseline as b
        on
            t.month = b.month
            and t.institution_id = b.institution_id
            and t.kpi_id = b.kpi_id
    where t.preference = 1
)

select
    month,
    institution_id,
    kpi_id,
    target_mode,
    baseline,
    target,
    challenge,
    cast(coalesce(floor, 2 * baseline - target) as decimal(18, 6)) as floor,
    range_low,
    range_high,
    tolerance
from absolute_target
