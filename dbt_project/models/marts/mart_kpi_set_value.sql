-- The values of mart_unit_value once more, by national list and item: of the county, communities and institutions.
-- Every item has a row of the county, so that a list is whole: without a figure it is not_applicable.
with named as (
    select
        s.*,
        v.month,
        v.kpi_window,
        v.unit_level,
        v.unit_id,
        v.numerator,
        v.denominator,
        v.value,
        v.unit,
        v.status,
        v.sample_size
    from {{ ref('kpi_set') }} as s
    inner join {{ ref('kpi_value') }} as v
        on s.kpi_id = v.kpi_id
    where
        v.unit_level = 'county'
        or (v.unit_level in ('community', 'institution') and v.status <> 'not_applicable')

    union all

    select
        s.*,
        w.month,
        w.kpi_window,
        u.unit_level,
        u.unit_id,
        cast(null as decimal(18, 4)) as numerator,
        cast(null as decimal(18, 4)) as denominator,
        cast(null as decimal(18, 6)) as value,
        cast(null as string) as unit,
        'not_applicable' as status,
        cast(0 as bigint) as sample_size
    from {{ ref('kpi_set') }} as s
    cross join {{ ref('kpi_window') }} as w
    inner join {{ ref('dim_unit') }} as u
        on u.unit_level = 'county'
    where
        s.kpi_id = '-'
        and w.member_month = w.month
)

select
    n.month,
    n.kpi_window,
    n.set_id,
    n.set_name_zh,
    n.item_number,
    n.item_name,
    n.kpi_id,
    n.confidence,
    n.missing_zh,
    n.unit_level,
    n.unit_id,
    u.unit_name,
    n.numerator,
    n.denominator,
    n.value,
    n.unit,
    n.status,
    n.sample_size,
    m.release_id
from named as n
inner join {{ ref('dim_month') }} as m
    on n.month = m.month
left join {{ ref('dim_unit') }} as u
    on
        n.unit_level = u.unit_level
        and n.unit_id = u.unit_id
