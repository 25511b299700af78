-- Statistics that are no ratio of sums, over all events of a window at every unit: median, 90th percentile and
-- coefficient of variation of a measure, how many different things a part counts, or the probability to die by a life
-- table of five-year groups. Events of an institution that lacks a required delivery in their month are left out.
with unit_level as (
    select l.unit_level
    from (
        values ('county'), ('community'), ('institution'), ('department'), ('physician')
    ) as l (unit_level)
),

counted as (
    select
        k.kpi_id,
        k.statistic,
        p.part,
        e.month,
        l.unit_level,
        case l.unit_level
            when 'county' then (select max(c.region_code) from {{ incoming('county', 'county') }} as c)
            when 'community' then e.community_id
            when 'institution' then coalesce(h.home_id, '-')
            when 'department' then e.institution_id || '/' || coalesce(e.department_code, '-')
            else e.institution_id || '/' || coalesce(e.staff_id, '-')
        end as unit_id,
        cast(e.amount as double) as amount,
        e.item
    from {{ ref('dim_kpi') }} as k
    inner join {{ ref('kpi_part') }} as p
        on k.kpi_id = p.kpi_id
    inner join {{ ref('kpi_distribution') }} as e
        on
            p.subject = e.subject
            and p.measure = e.measure
    left join {{ ref('kpi_home') }} as h
        on
            k.kpi_id = h.kpi_id
            and e.institution_id = h.institution_id
    inner join unit_level as l
        on
            {{ in_list('l.unit_level', 'k.unit_levels') }}
            -- What belongs to no institution has a figure too.
            or l.unit_level = 'institution'
    left join {{ ref('kpi_missing_delivery') }} as d
        on
            k.kpi_id = d.kpi_id
            and e.month = d.month
            and coalesce(h.home_id, '-') = d.institution_id
    where
        k.statistic <> 'ratio'
        and d.kpi_id is null
),

age_group as (
    select
        month,
        kpi_id,
        unit_level,
        unit_id,
        item,
        sum(case when part = 'numerator' then amount else 0 end) as deaths,
        sum(case when part = 'denominator' then amount else 0 end) as person_months
    from counted
    where statistic = 'life_table'
    group by
        month,
        kpi_id,
        unit_level,
        unit_id,
        item
),

-- Of those who enter a group the share 1 − 5m/(1 + 2.5m) leaves it alive, m = deaths by person-years; here written over
-- person-months. A group with deaths and nobody in it has no rate, and the table no figure.
life_table as (
    select
        month,
        kpi_id,
        unit_level,
        unit_id,
        case
            when min(person_months) <= 0 then null
            when min(person_months - 30 * deaths) <= 0 then 1
            else
                round(
                    1 - exp(sum(ln(nullif(abs(
                        {{ quotient('person_months - 30 * deaths', 'person_months + 30 * deaths') }}
                    ), 0)))), 12
                )
        end as probability
    from age_group
    group by
        month,
        kpi_id,
        unit_level,
        unit_id
),

spread as (
    select
        w.month,
        w.kpi_window,
        c.kpi_id,
        c.unit_level,
        c.unit_id,
        -- The last digits of a double are the engine's own.
        round(median(case when c.part = 'numerator' then c.amount end), 9) as median_amount,
        round(
            percentile_cont(0.9) within group (order by case when c.part = 'numerator' then c.amount end), 9
        ) as p90_amount,
        round(
            {{ quotient(
                "stddev_pop(case when c.part = 'numerator' then c.amount end)",
                "avg(case when c.part = 'numerator' then c.amount end)"
            ) }}, 9
        ) as variation,
        count(distinct case when c.part = 'numerator' then c.item end) as numerator_items,
        count(distinct case when c.part = 'denominator' then c.item end) as denominator_items
    from counted as c
    inner join {{ ref('kpi_window') }} as w
        on c.month = w.member_month
    group by
        w.month,
        w.kpi_window,
        c.kpi_id,
        c.unit_level,
        c.unit_id
)

select
    s.*,
    -- A state of its month: in every window that of the last month.
    t.probability
from spread as s
left join life_table as t
    on
        s.month = t.month
        and s.kpi_id = t.kpi_id
        and s.unit_level = t.unit_level
        and s.unit_id = t.unit_id
