-- Grain: month, service_code, provider_institution_id, consumer_institution_id, price_lacks.
-- Services that cannot be settled because no signed price holds on their day, or because nobody wrote down the hours
-- that theirs is of.
-- Source: REQ-164.
select
    month,
    service_code,
    provider_institution_id,
    consumer_institution_id,
    price_lacks,
    cast(count(*) as bigint) as services,
    cast(sum(quantity) as bigint) as quantity,
    min(event_date) as first_date
from {{ ref('market_service') }}
where outcome in ('unpriced', 'no_hours')
group by
    month,
    service_code,
    provider_institution_id,
    consumer_institution_id,
    price_lacks
