-- The target in force for each unit (institution, community, county) and KPI on the last day of each month: its own,
-- else its tier's, else everybody's. Relative targets are absolute here: delta adds to the unit's own baseline, ratio
-- multiplies it, never beyond what is possible. A target of the year counts by the share of the year that is over,
-- where policy says so. The default floor lies as far below the baseline as the target lies above it.
with preferred_target as (
    select
        m.month,
        u.unit_level,
        u.unit_id,
        t.kpi_id,
        t.target_mode,
        case when t.elapsed_share = 1 and k.scoring_window = 'ytd' then m.month_of_year else 12 end as elapsed_months,
        k.possible_low,
        k.possible_high,
        t.baseline,
        t.target,
        t.challenge,
        t.floor,
        t.range_low,
        t.range_high,
        t.tolerance,
        row_number() over (
            partition by m.month, u.unit_level, u.unit_id, t.kpi_id
            order by
                case when t.institution_id is null then 1 else 0 end asc nulls last,
                case when t.institution_tier is null then 1 else 0 end asc nulls last,
                t.effective_from desc nulls last
        ) as preference
    from {{ ref('dim_month') }} as m
    cross join {{ ref('dim_unit') }} as u
    inner join {{ incoming('policy', 'kpi_target') }} as t
        on
            {{ in_force('t', 'm.last_day') }}
            and (t.institution_id is null or t.institution_id = u.unit_id)
            and (t.institution_tier is null or t.institution_tier = u.unit_tier)
    inner join {{ ref('dim_kpi') }} as k
        on t.kpi_id = k.kpi_id
    where u.unit_id <> '-'
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
        t.unit_level,
        t.unit_id,
        t.kpi_id,
        t.target_mode,
        t.possible_low,
        t.possible_high,
        {{ quotient('t.elapsed_months', '12') }} as elapsed,
        case
            when t.target_mode in ('delta', 'ratio') then coalesce(b.baseline_value, t.baseline)
            else t.baseline
        end as baseline,
        {%- for level in ['target', 'challenge', 'floor'] %}
        case t.target_mode
            when 'delta' then coalesce(b.baseline_value, t.baseline) + t.{{ level }}
            when 'ratio' then coalesce(b.baseline_value, t.baseline) * t.{{ level }}
            else t.{{ level }}
        end as {{ level }},
        {%- endfor %}
        t.range_low,
        t.range_high,
        t.tolerance
    from preferred_target as t
    left join own_baseline as b
        on
            t.month = b.month
            and t.unit_id = b.institution_id
            and t.kpi_id = b.kpi_id
    where t.preference = 1
),

with_floor as (
    select
        month,
        unit_level,
        unit_id,
        kpi_id,
        target_mode,
        possible_low,
        possible_high,
        elapsed,
        baseline,
        target,
        challenge,
        coalesce(floor, 2 * baseline - target) as floor,
        range_low,
        range_high,
        tolerance
    from absolute_target
)

select
    month,
    unit_level,
    unit_id,
    case when unit_level = 'institution' then unit_id end as institution_id,
    kpi_id,
    target_mode,
    {%- for level in ['baseline', 'target', 'challenge', 'floor'] %}
    cast(
        case
            when {{ level }} * elapsed > possible_high then possible_high
            when {{ level }} * elapsed < possible_low then possible_low
            else {{ level }} * elapsed
        end as decimal(18, 6)
    ) as {{ level }},
    {%- endfor %}
    range_low,
    range_high,
    tolerance
from with_floor
