with by_week as (
    select
        subject,
        measure,
        month,
        institution_id,
        community_id,
        sum(amount) as amount,
        sum(sample_size) as sample_size
    from {{ ref('kpi_week_measure') }}
    group by
        subject,
        measure,
        month,
        institution_id,
        community_id
),

watched as (
    select distinct subject
    from {{ ref('kpi_week_measure') }}
),

by_month as (
    select
        m.subject,
        m.measure,
        m.month,
        m.institution_id,
        m.community_id,
        m.amount,
        m.sample_size
    from {{ ref('kpi_measure') }} as m
    inner join watched as s
        on m.subject = s.subject
    where m.unit_level = 'institution'
)

select
    coalesce(w.subject, m.subject) as subject,
    coalesce(w.measure, m.measure) as measure,
    coalesce(w.month, m.month) as month,
    w.amount as amount_of_weeks,
    m.amount as amount_of_month
from by_week as w
full outer join by_month as m
    on
        w.subject = m.subject
        and w.measure = m.measure
        and w.month = m.month
        and w.institution_id = m.institution_id
        and w.community_id = m.community_id
where
    coalesce(w.amount, 0) <> coalesce(m.amount, 0)
    or coalesce(w.sample_size, 0) <> coalesce(m.sample_size, 0)
