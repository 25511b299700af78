select
    o.feed,
    o.institution_id,
    o.month,
    o.rule_id,
    o.column_name,
    cast(sum(o.violated) as bigint) as row_count,
    min(o.message_zh) as message_zh,
    min(o.message_en) as message_en,
    -- The column's name in 0.2.0; deprecated.
    cast(sum(o.violated) as bigint) as rows
from {{ incoming('pipeline', 'rule_outcome') }} as o
inner join {{ ref('stg_batch_outcome') }} as b
    on
        o.batch_id = b.batch_id
        and b.standing = 'in_force'
where
    o.disposition = 'quarantined'
    and o.violated > 0
    and o.month <= (select max(m.month) from {{ ref('dim_month') }} as m)
group by
    o.feed,
    o.institution_id,
    o.month,
    o.rule_id,
    o.column_name
