select
    month,
    provider_institution_id,
    consumer_institution_id,
    service_code,
    coalesce(service_name, service_code) as service_name,
    settled_services,
    settled_quantity,
    settled_fen,
    silent_fen,
    deduction_fen,
    disputed_fen,
    unconfirmed_fen,
    reversed_fen
from {{ ref('market_statement') }}
