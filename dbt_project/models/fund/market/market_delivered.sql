-- Grain: service_code, record_feed, record_id, institution_id, consumer_institution_id.
-- What members told of one service: its transactions together. A reversal takes back; one dispute freezes. Only a
-- booking that stands says who confirmed when.
select
    service_code,
    record_feed,
    record_id,
    institution_id,
    consumer_institution_id,
    min(month) as month,
    cast(count(*) as bigint) as transactions,
    -- A positive amount of status 4 counts no more; its negative may stand beside it.
    cast(greatest(sum(case when is_valid then amount_fen else 0 end), 0) as bigint) as amount_fen,
    max(price_version) as price_version,
    min(case when is_valid and not is_reversal then provider_confirmed_at end) as provider_confirmed_at,
    min(case when is_valid and not is_reversal then consumer_confirmed_at end) as consumer_confirmed_at,
    max(case when status = '3' then 1 else 0 end) = 1 as is_disputed,
    max(case when status = '4' or is_reversal then 1 else 0 end) = 1
    and sum(case when is_valid then amount_fen else 0 end) <= 0 as is_reversed,
    min(transaction_id) as transaction_id
from {{ ref('fct_internal_transaction') }}
where not is_test_patient
group by
    service_code,
    record_feed,
    record_id,
    institution_id,
    consumer_institution_id
