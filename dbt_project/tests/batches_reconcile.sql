-- Delivered = accepted + quarantined + duplicate, in rows and in money, for every batch.
select
    batch_id,
    feed,
    institution_id,
    month
from {{ ref('mart_batch_reconciliation') }}
where
    delivered_rows <> accepted_rows + quarantined_rows + duplicate_rows
    or delivered_fen <> accepted_fen + quarantined_fen + duplicate_fen
