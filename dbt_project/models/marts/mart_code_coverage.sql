select
    month,
    institution_id,
    feed,
    terminology,
    cast(sum(rows) as bigint) as row_count,
    cast(sum(case when code_map_status <> '3' then rows else 0 end) as bigint) as mapped_rows,
    cast(sum(case when code_map_status = '2' then rows else 0 end) as bigint) as approximate_rows,
    cast(sum(amount_fen) as bigint) as amount_fen,
    cast(sum(case when code_map_status <> '3' then amount_fen else 0 end) as bigint) as mapped_fen,
    -- The column's name in 0.2.0; deprecated.
    cast(sum(rows) as bigint) as rows
from {{ ref('code_use') }}
group by
    month,
    institution_id,
    feed,
    terminology
