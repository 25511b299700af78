{#
  What counts against deliveries in force, rule by rule: the intake's own rules (without what a later batch mended), empty
  cells, deliveries late or missing, people registered twice, codes that no table knows, and the plausibility rules. Rows of
  dimension "none" count against nobody.
#}
with intake as (
    select
        o.rule_id,
        o.feed,
        o.column_name,
        o.institution_id as deliverer_id,
        o.month,
        sum(o.violated - coalesce(r.resolved, 0)) as violated,
        sum(greatest(o.total - b.resolved_rows, o.violated - coalesce(r.resolved, 0))) as total
    from {{ incoming('pipeline', 'rule_outcome') }} as o
    inner join {{ ref('stg_batch_outcome') }} as b
        on
            o.batch_id = b.batch_id
            and b.standing = 'in_force'
    left join {{ incoming('pipeline', 'resolved_fault') }} as r
        on
            o.batch_id = r.batch_id
            and o.rule_id = r.rule_id
            and o.column_name = r.column_name
    group by
        o.rule_id,
        o.feed,
        o.column_name,
        o.institution_id,
        o.month
),

found as (
    select * from intake
    union all
    select
        'CELL_EMPTY' as rule_id,
        p.feed,
        p.column_name,
        p.institution_id as deliverer_id,
        p.month,
        sum(p.accepted_rows - p.filled_rows) as violated,
        sum(p.accepted_rows) as total
    from {{ incoming('pipeline', 'column_profile') }} as p
    inner join {{ ref('quality_column') }} as c
        on
            p.feed = c.feed
            and p.column_name = c.column_name
    inner join {{ ref('stg_batch_outcome') }} as b
        on
            p.batch_id = b.batch_id
            and b.standing = 'in_force'
    group by
        p.feed,
        p.column_name,
        p.institution_id,
        p.month
    union all
    select
        'DELIVERY_MISSING' as rule_id,
        feed,
        '' as column_name,
        deliverer_id,
        month,
        case when is_missing then usual_rows else 0 end as violated,
        usual_rows as total
    from {{ ref('quality_delivery') }}
    union all
    select
        'NOT_BY_DUE_DAY' as rule_id,
        feed,
        '' as column_name,
        deliverer_id,
        month,
        case when is_missing or is_late then usual_rows else 0 end as violated,
        usual_rows as total
    from {{ ref('quality_delivery') }}
    union all
    select
        rule_id,
        feed,
        '' as column_name,
        deliverer_id,
        month,
        violated,
        total
    from {{ ref('quality_person_issue') }}
    union all
    select
        'CODE_UNMAPPED' as rule_id,
        feed,
        terminology as column_name,
        deliverer_id,
        month,
        sum(case when code_map_status = '3' then rows else 0 end) as violated,
        sum(rows) as total
    from {{ ref('code_use') }}
    group by
        feed,
        terminology,
        deliverer_id,
        month
    union all
    select
        rule_id,
        feed,
        column_name,
        deliverer_id,
        month,
        sum(case when is_violated then 1 else 0 end) as violated,
        count(*) as total
    from {{ ref('quality_judged_row') }}
    group by
        rule_id,
        feed,
        column_name,
        deliverer_id,
        month
)

select
    f.rule_id,
    coalesce(r.dimension, 'conformance') as dimension,
    f.feed,
    f.column_name,
    f.deliverer_id,
    f.month,
    cast(f.violated as bigint) as violated,
    cast(f.total as bigint) as total
from found as f
left join {{ ref('quality_rule') }} as r
    on f.rule_id = r.rule_id
where f.month <= (select max(m.month) from {{ ref('dim_month') }} as m)
