-- Grain: project_id, month.
-- What a project of the capability part changed: outpatient visits a month since it was paid for, beside the months
-- before. A month without visits is a month.
-- Source: REQ-181.
with counted as (
    select
        month,
        institution_id,
        count(visit_id) as visits
    from {{ ref('fct_outpatient_visit') }}
    group by
        month,
        institution_id
),

paid as (
    select
        p.project_id,
        p.institution_id,
        p.minimum_growth_pct,
        c.paid_month
    from {{ incoming('policy', 'capability_project') }} as p
    inner join {{ ref('pool_claim_payment') }} as c
        on 'project/' || p.project_id = c.claim_id
    where c.paid_month is not null
),

looked_at as (
    select
        p.*,
        n.month,
        m.month as visit_month
    from paid as p
    inner join {{ ref('dim_month') }} as n
        on p.paid_month <= n.month
    inner join {{ ref('dim_month') }} as m
        on n.month >= m.month
),

sided as (
    select
        l.project_id,
        l.institution_id,
        l.minimum_growth_pct,
        l.month,
        sum(case when l.visit_month < l.paid_month then coalesce(c.visits, 0) end) as visits_before,
        count(case when l.visit_month < l.paid_month then 1 end) as months_before,
        sum(case when l.visit_month >= l.paid_month then coalesce(c.visits, 0) end) as visits_since,
        count(case when l.visit_month >= l.paid_month then 1 end) as months_since
    from looked_at as l
    left join counted as c
        on
            l.institution_id = c.institution_id
            and l.visit_month = c.month
    group by
        l.project_id,
        l.institution_id,
        l.minimum_growth_pct,
        l.month
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
