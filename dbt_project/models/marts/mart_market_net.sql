select
    month,
    institution_id,
    provided_fen,
    consumed_fen,
    net_fen,
    disputed_fen,
    unconfirmed_fen
from {{ ref('market_net') }}
