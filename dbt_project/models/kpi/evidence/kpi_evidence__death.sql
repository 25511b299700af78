-- KPI-031, above the line: deaths from the causes of the policy in the ages of the policy, by five-year group: as at
-- the end of each month, those of the pooled months up to it that the warehouse has. The age at death is the
-- difference of years.
with pooled as (
    select
        m.month,
        m.month_number,
        greatest(
            m.month_number - cast(p.mortality_pooled_months as integer) + 1,
            min(m.month_number) over ()
        ) as first_number,
        p.premature_death_from_age as from_age,
        p.premature_death_to_age as to_age
    from {{ ref('dim_month') }} as m
    inner join {{ ref('policy_parameter') }} as p
        on m.month = p.month
),

-- A code of the policy stands for itself and all below it.
counted_cause as (
    select distinct
        c.month,
        d.cause_code
    from {{ ref('fct_death') }} as d
    inner join {{ ref('policy_code') }} as c
        on
            c.code_set = 'premature_death_cause'
            and substr(d.cause_code, 1, length(c.code)) = c.code
),

death as (
    select
        p.month,
        d.event_date,
        d.division_code,
        {{ year_of('d.event_date') }} - d.birth_year as age,
        p.from_age,
        p.to_age,
        d.source_batch_id,
        d.source_file,
        d.source_line
    from {{ ref('fct_death') }} as d
    inner join pooled as p
        on {{ month_number_of('d.event_date') }} between p.first_number and p.month_number
    inner join counted_cause as c
        on
            p.month = c.month
            and d.cause_code = c.cause_code
)

select
    e.month,
    d.managing_institution_id as institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    e.event_date,
    1 as premature_deaths,
    cast(5 * {{ integer_divide('e.age', '5') }} as string) as age_group,
    'ph_death' as source_feed,
    e.source_batch_id,
    e.source_file,
    e.source_line
from death as e
left join {{ ref('dim_division') }} as d
    on e.division_code = d.division_code
where e.age between e.from_age and e.to_age
