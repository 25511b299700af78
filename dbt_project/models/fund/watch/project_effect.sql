-- Grain: project_id, month.
-- What a project of the capability part changed: outpatient visits a month since it was paid for, beside the months
-- before.
-- Source: REQ-181.
with counted as (
    select
        m.month,
        m.month_number,
        v.institution_id,
        count(v.visit_id) as visits
    from {{ ref('dim_month') }} as m
    inner join {{ ref('fct_outpatient_visit') }} as v
        on m.month = v.month
    group by
        m.month,
        m.month_number,
        v.institution_id
),

sided as (
    select
        p.project_id,
        p.institution_id,
        p.minimum_growth_pct,
        n.month,
        sum(case when c.month < p.month then c.visits end) as visits_before,
        count(case when c.month < p.month then 1 end) as months_before,
        sum(case when c.month >= p.month then c.visits end) as visits_since,
        count(case when c.month >= p.month then 1 end) as months_since
    from {{ incoming('policy', 'capability_project') }} as p
    inner join {{ ref('dim_month') }} as n
        on p.month <= n.month
    inner join counted as c
        on
            p.institution_id = c.institution_id
            and n.month >= c.month
    group by
        p.project_id,
        p.institution_id,
        p.minimum_growth_pct,
        n.month
)

select
    project_id,
    institution_id,
    month,
    cast(months_before as integer) as months_before,
    cast(months_since as integer) as months_since,
    minimum_growth_pct,
    round(
        100 * ({{ quotient('visits_since * months_before', 'months_since * visits_before') }} - 1), 4
    ) as growth_pct
from sided
