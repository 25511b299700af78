-- A table, not a view: there is one small file per batch, and every staging model asks for first_landed_at.
{{ config(materialized='table') }}

select
    o.feed,
    o.institution_id as deliverer_id,
    o.month as delivery_month,
    o.batch_id,
    o.status,
    coalesce(s.standing, 'in_force') as standing,
    s.overtaken_by,
    o.source_file,
    o.source_sha256,
    o.encoding,
    o.mapping,
    o.mapping_sha256,
    o.delivered_rows,
    o.accepted_rows,
    o.quarantined_rows,
    o.duplicate_rows,
    o.delivered_fen,
    o.accepted_fen,
    o.quarantined_fen,
    o.duplicate_fen,
    coalesce(s.resolved_rows, 0) as resolved_rows,
    o.first_landed_at
from {{ incoming('pipeline', 'batch_outcome') }} as o
left join {{ incoming('pipeline', 'batch_standing') }} as s
    on o.batch_id = s.batch_id
where o.month <= (select max(r.month) from {{ incoming('pipeline', 'run_month') }} as r)
