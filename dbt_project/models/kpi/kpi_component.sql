-- The parts of each KPI, one row per KPI, month and institution it applies to: its measures times their coefficients.
-- They add up over institutions and months.
with applicable as (
    select
        k.kpi_id,
        m.month,
        i.institution_id
    from {{ ref('dim_kpi') }} as k
    inner join {{ ref('dim_institution') }} as i
        on {{ in_list('i.institution_tier', 'k.institution_tiers') }}
    cross join {{ ref('dim_month') }} as m
),

summed as (
    select
        p.kpi_id,
        d.month,
        m.institution_id,
        -- Cases below the line and none above it are 0, not unknown.
        coalesce(sum(case when p.part = 'numerator' then m.amount * p.coefficient end), 0) as numerator,
        sum(case when p.part = 'denominator' then m.amount * p.coefficient end) as denominator,
        sum(case when p.part = 'denominator' then m.sample_size end) as sample_size
    from {{ ref('kpi_part') }} as p
    inner join {{ ref('kpi_measure') }} as m
        on
            p.subject = m.subject
            and p.measure = m.measure
            and m.unit_level = 'institution'
    inner join {{ ref('dim_month') }} as d
        on m.month = d.month
    group by
        p.kpi_id,
        d.month,
        m.institution_id
),

missing as (
    select
        kpi_id,
        month,
        institution_id,
        count(*) as missing_deliveries
    from {{ ref('kpi_missing_delivery') }}
    group by
        kpi_id,
        month,
        institution_id
)

select
    a.kpi_id,
    a.month,
    a.institution_id,
    cast(s.numerator as decimal(18, 4)) as numerator,
    cast(s.denominator as decimal(18, 4)) as denominator,
    coalesce(s.sample_size, 0) as sample_size,
    coalesce(m.missing_deliveries, 0) as missing_deliveries
from applicable as a
left join summed as s
    on
        a.kpi_id = s.kpi_id
        and a.month = s.month
        and a.institution_id = s.institution_id
left join missing as m
    on
        a.kpi_id = m.kpi_id
        and a.month = m.month
        and a.institution_id = m.institution_id
