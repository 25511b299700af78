-- Sums of evidence, one row per KPI, month and institution it applies to. They add up over institutions and months.
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
        kpi_id,
        month,
        institution_id,
        -- Cases below the line and none above it are 0, not unknown.
        coalesce(sum(numerator), 0) as numerator,
        sum(denominator) as denominator,
        count(case when denominator <> 0 then 1 end) as sample_size
    from {{ ref('kpi_evidence') }}
    group by
        kpi_id,
        month,
        institution_id
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
