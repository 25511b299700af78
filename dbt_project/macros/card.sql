{#
  The items of the score cards: per institution and month the indicators of its tier with their weights, each with the
  value of its newest month that was mature when the card's month was closed. `kpi_window` is an expression over k, the KPI;
  `this_year`: only months of the card's year. CTEs; the last is `card`.
#}
{% macro card_items(kpi_window, this_year=false) -%}
mature_month as (
    select
        m.month,
        k.kpi_id,
        max(v.month) as value_month
    from {{ ref('dim_month') }} as m
    inner join {{ ref('policy_parameter') }} as p
        on m.month = p.month
    cross join {{ ref('dim_kpi') }} as k
    inner join {{ ref('dim_month') }} as v
        on
            m.month_number >= v.month_number
            and {{ days_between('v.last_day', 'm.last_day') }} + p.close_after_days >= k.maturity_lag_days
            {%- if this_year %}
            and m.month_number - m.month_of_year < v.month_number
            {%- endif %}
    group by
        m.month,
        k.kpi_id
),

-- What an institution itself owed; a platform that failed to deliver must not cost its members points.
withheld as (
    select distinct
        d.month,
        d.kpi_id,
        d.institution_id
    from {{ ref('kpi_missing_delivery') }} as d
    inner join {{ ref('dim_institution') }} as i
        on
            d.institution_id = i.institution_id
            and d.deliverer_id = i.delivered_by
),

item as (
    select
        m.month,
        i.institution_id,
        i.peer_group,
        w.dimension,
        w.kpi_id,
        k.direction,
        w.weight,
        w.must_reach,
        v.value_month,
        a.value,
        coalesce(a.status, 'immature') as status,
        t.target_mode,
        s.score,
        -- Only of what is scored: without a target it has no points that it could lose.
        case
            when s.score is null or w.must_reach is null then null
            else {{ misses('a.value', 'w.must_reach', 'k.direction') }}
        end as is_threshold_missed,
        a.status = 'missing' and h.kpi_id is not null and p.missing_indicator_is_lowest = 1 as is_withheld,
        p.minimum_peers
    from {{ ref('dim_month') }} as m
    inner join {{ ref('policy_parameter') }} as p
        on m.month = p.month
    cross join {{ ref('dim_institution') }} as i
    inner join {{ incoming('policy', 'kpi_weight') }} as w
        on
            i.institution_tier = w.institution_tier
            and {{ in_force('w', 'm.last_day') }}
    inner join {{ ref('dim_kpi') }} as k
        on w.kpi_id = k.kpi_id
    left join mature_month as v
        on
            m.month = v.month
            and w.kpi_id = v.kpi_id
    left join {{ ref('kpi_value') }} as a
        on
            v.value_month = a.month
            and a.kpi_window = {{ kpi_window }}
            and a.unit_level = 'institution'
            and i.institution_id = a.unit_id
            and w.kpi_id = a.kpi_id
    left join {{ ref('score_value') }} as s
        on
            a.month = s.month
            and a.kpi_window = s.kpi_window
            and a.unit_level = s.unit_level
            and a.unit_id = s.unit_id
            and a.kpi_id = s.kpi_id
    left join {{ ref('score_target') }} as t
        on
            a.month = t.month
            and a.unit_level = t.unit_level
            and a.unit_id = t.unit_id
            and a.kpi_id = t.kpi_id
    left join withheld as h
        on
            v.value_month = h.month
            and w.kpi_id = h.kpi_id
            and i.institution_id = h.institution_id
),

card as (
    select
        month,
        institution_id,
        peer_group,
        dimension,
        kpi_id,
        direction,
        weight,
        must_reach,
        value_month,
        value,
        status,
        target_mode,
        is_threshold_missed,
        case when is_withheld or is_threshold_missed then 0 else score end as score,
        minimum_peers
    from item
)
{%- endmacro %}

{#
  The window of an annual indicator: the year so far, where that can be held against the target; what is summed over a stock
  grows with the months, so it keeps its own. k: the KPI.
#}
{% macro annual_window() -%}
    {{ return("case when k.aggregation = k.denominator_aggregation then 'ytd' else k.scoring_window end") }}
{%- endmacro %}

{# Does a value fail to reach a threshold, the way that is better? #}
{% macro misses(value, threshold, direction) -%}
    case when {{ direction }} = 'lower' then {{ value }} > {{ threshold }} else {{ value }} < {{ threshold }} end
{%- endmacro %}
