-- Which required feeds did not arrive: per KPI, institution and month, one row per feed that its deliverer (or, when
-- the feed comes from platforms, a platform) owes for that month. A feed nobody owes is not missing. A KPI without a
-- value of institutions needs the deliveries of all of them; what a platform owes, also the events that belong to
-- nobody ('-') lack.
with applicable as (
    select
        k.kpi_id,
        k.source_feeds,
        i.institution_id,
        i.delivered_by
    from {{ ref('dim_kpi') }} as k
    inner join {{ ref('dim_institution') }} as i
        on
            k.institution_tiers = ''
            or {{ in_list('i.institution_tier', 'k.institution_tiers') }}

    union all

    select
        k.kpi_id,
        k.source_feeds,
        '-' as institution_id,
        '-' as delivered_by
    from {{ ref('dim_kpi') }} as k
),

expected as (
    select
        e.feed,
        e.institution_id as deliverer_id,
        m.institution_id is null as is_platform,
        count(m.institution_id) over (partition by e.feed) = 0 as is_from_platforms_only
    from {{ incoming('county', 'expected_delivery') }} as e
    left join {{ ref('dim_institution') }} as m
        on e.institution_id = m.institution_id
),

owed as (
    select
        a.kpi_id,
        a.institution_id,
        e.feed,
        e.deliverer_id
    from applicable as a
    inner join expected as e
        on {{ in_list('e.feed', 'a.source_feeds') }}
    left join expected as own
        on
            e.feed = own.feed
            and a.delivered_by = own.deliverer_id
    where
        e.deliverer_id = a.delivered_by
        or (
            e.is_platform
            and own.deliverer_id is null
            and (a.institution_id <> '-' or e.is_from_platforms_only)
        )
),

delivered as (
    select distinct
        feed,
        deliverer_id,
        delivery_month as month
    from {{ ref('stg_batch_outcome') }}
    where
        status = 'conformed'
        and standing = 'in_force'
)

select
    o.kpi_id,
    m.month,
    o.institution_id,
    o.feed,
    o.deliverer_id
from owed as o
cross join {{ ref('dim_month') }} as m
left join delivered as d
    on
        o.feed = d.feed
        and o.deliverer_id = d.deliverer_id
        and m.month = d.month
where d.feed is null
