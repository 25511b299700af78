-- A code that does not look like one could be anything, a person's name too: it is counted, not shown.
with shown as (
    select
        u.month,
        u.institution_id,
        u.deliverer_id,
        u.feed,
        u.terminology,
        case when {{ looks_like_a_code('u.source_code') }} then u.source_code else '*' end as source_code,
        case when {{ looks_like_a_code('u.source_code') }} then n.source_name end as source_name,
        u.rows,
        u.amount_fen
    from {{ ref('code_use') }} as u
    left join {{ ref('code_name') }} as n
        on
            u.feed = n.feed
            and u.terminology = n.terminology
            and u.deliverer_id = n.deliverer_id
            and u.source_code = n.source_code
    where u.code_map_status = '3'
)

select
    month,
    institution_id,
    deliverer_id,
    feed,
    terminology,
    source_code,
    min(source_name) as source_name,
    cast(sum(rows) as bigint) as row_count,
    cast(sum(amount_fen) as bigint) as amount_fen,
    -- The column's name in 0.2.0; deprecated.
    cast(sum(rows) as bigint) as rows
from shown
group by
    month,
    institution_id,
    deliverer_id,
    feed,
    terminology,
    source_code
