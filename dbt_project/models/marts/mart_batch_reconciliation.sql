-- Batches that were taken in; a refused file has no rows in the warehouse to reconcile.
select
    feed,
    deliverer_id as institution_id,
    delivery_month as month,
    batch_id,
    delivered_rows,
    accepted_rows,
    quarantined_rows,
    duplicate_rows,
    delivered_fen,
    accepted_fen,
    quarantined_fen,
    duplicate_fen,
    first_landed_at,
    standing,
    overtaken_by
from {{ ref('stg_batch_outcome') }}
where status = 'conformed'
