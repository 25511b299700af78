-- Residents at the end of each month by the newest count of their division, one row per line of the count, booked at
-- the institution that looks after the division. Villages: divisions counted, once each. Person-months (KPI-031,
-- below the line) are the residents times the months that mortality pools, as far as the warehouse has them.
with at_month_end as (
    select
        month,
        last_day,
        year,
        month_number - min(month_number) over () + 1 as months
    from {{ ref('dim_month') }}
),

newest as (
    select
        m.month,
        m.last_day,
        m.months,
        c.division_code,
        max(c.year) as year
    from {{ ref('fct_population') }} as c
    inner join at_month_end as m
        on c.year <= m.year
    group by
        m.month,
        m.last_day,
        m.months,
        c.division_code
)

select
    n.month,
    d.managing_institution_id as institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    n.last_day as event_date,
    c.residents,
    case when c.age_from >= p.elderly_from_age then c.residents end as elderly_residents,
    case
        when c.age_from >= p.adult_from_age
            -- Two policy decimals have twelve places: times the residents of a town they would not fit.
            then
                cast(
                    c.residents * cast(p.hypertension_prevalence_pct * p.hypertension_task_pct as decimal(18, 4))
                    as decimal(18, 4)
                )
    end as hypertension_task,
    case
        when
            row_number() over (
                partition by n.month, n.division_code
                order by
                    c.age_from asc nulls last,
                    c.gender_code asc nulls last,
                    c.source_batch_id asc nulls last,
                    c.source_line asc nulls last
            ) = 1
            then 1
    end as villages,
    case
        when c.age_from between p.premature_death_from_age and p.premature_death_to_age
            then c.residents * least(n.months, cast(p.mortality_pooled_months as integer))
    end as person_months,
    cast(5 * {{ integer_divide('c.age_from', '5') }} as string) as age_group,
    'ph_population' as source_feed,
    c.source_batch_id,
    c.source_file,
    c.source_line
from newest as n
inner join {{ ref('fct_population') }} as c
    on
        n.division_code = c.division_code
        and n.year = c.year
inner join {{ ref('policy_parameter') }} as p
    on n.month = p.month
left join {{ ref('dim_division') }} as d
    on n.division_code = d.division_code
