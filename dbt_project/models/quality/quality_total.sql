{#
  What each dimension is measured against. Completeness: cells that should be filled. Conformance: cells that are filled, and
  coded rows. Plausibility: rows on their way in, and rows that a rule judged. Timeliness and uniqueness: rows.
#}
with batch as (
    select
        batch_id,
        deliverer_id,
        delivery_month as month,
        delivered_rows - resolved_rows as delivered_rows
    from {{ ref('stg_batch_outcome') }}
    where
        status = 'conformed'
        and standing = 'in_force'
),

cells as (
    select
        p.institution_id as deliverer_id,
        p.month,
        p.batch_id,
        sum(case when p.required then 1 else 0 end) as required_columns,
        sum(p.filled_rows) as filled_cells
    from {{ incoming('pipeline', 'column_profile') }} as p
    group by
        p.institution_id,
        p.month,
        p.batch_id
),

counted as (
    select
        b.deliverer_id,
        b.month,
        'completeness' as dimension,
        b.delivered_rows * c.required_columns as total
    from batch as b
    inner join cells as c
        on b.batch_id = c.batch_id
    union all
    select
        b.deliverer_id,
        b.month,
        'conformance' as dimension,
        c.filled_cells as total
    from batch as b
    inner join cells as c
        on b.batch_id = c.batch_id
    union all
    select
        deliverer_id,
        month,
        'plausibility' as dimension,
        delivered_rows as total
    from batch
    union all
    select
        deliverer_id,
        month,
        'uniqueness' as dimension,
        delivered_rows as total
    from batch
    union all
    select
        f.deliverer_id,
        f.month,
        f.dimension,
        f.total
    from {{ ref('quality_finding') }} as f
    inner join {{ ref('quality_rule') }} as r
        on f.rule_id = r.rule_id
    where
        r.origin = 'warehouse'
        and f.dimension <> 'uniqueness'
    union all
    select
        f.deliverer_id,
        f.month,
        f.dimension,
        f.violated as total
    from {{ ref('quality_finding') }} as f
    left join {{ ref('quality_rule') }} as r
        on f.rule_id = r.rule_id
    where
        f.dimension = 'conformance'
        and coalesce(r.origin, 'intake') = 'intake'
)

select
    deliverer_id,
    month,
    dimension,
    cast(sum(total) as bigint) as total
from counted
group by
    deliverer_id,
    month,
    dimension
