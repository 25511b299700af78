-- A table, not a view: there is one small file per batch, and every staging model asks for first_landed_at.
{{ config(materialized='table') }}

select
    feed,
    institution_id as deliverer_id,
    month as delivery_month,
    batch_id,
    status,
    source_file,
    source_sha256,
    encoding,
    mapping,
    mapping_sha256,
    delivered_rows,
    accepted_rows,
    quarantined_rows,
    duplicate_rows,
    delivered_fen,
    accepted_fen,
    quarantined_fen,
    duplicate_fen,
    first_landed_at
from {{ incoming('pipeline', 'batch_outcome') }}
where month <= (select max(r.month) from {{ incoming('pipeline', 'run_month') }} as r)
