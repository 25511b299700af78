-- Grain: place, deliverer_id, settlement_id.
-- What a settlement took out of a package, in the month since which it is known, as a release keeps it so that what
-- was spent can be walked back.
select
    known_month as month,
    month as settled_month,
    place,
    deliverer_id,
    settlement_id,
    institution_id,
    community_id,
    insurance_type_code,
    component,
    allocated_by,
    fund_fen,
    source_batch_id,
    source_file,
    source_line
from {{ ref('fund_spend_line') }}
where allocated_by <> 'insured_elsewhere'
