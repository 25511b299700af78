-- Whatever is shared among parties adds up to what was there to share.
select
    service_id as whole_id,
    max(settled_fen) as whole_fen,
    sum(amount_fen) as parts_fen
from {{ ref('market_part') }}
group by service_id
having sum(amount_fen) <> max(settled_fen)

union all

select
    deliverer_id || ' ' || contract_id as whole_id,
    max(fee_fen) as whole_fen,
    sum(amount_fen) as parts_fen
from {{ ref('market_contract_part') }}
group by deliverer_id || ' ' || contract_id
having sum(amount_fen) <> max(fee_fen)
