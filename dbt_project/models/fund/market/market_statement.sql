-- Grain: month, provider_institution_id, consumer_institution_id, service_code.
-- The statement two members hold against each other: services and money of a month, settled, disputed, awaiting, taken
-- back.
select
    t.month,
    t.provider_institution_id,
    t.consumer_institution_id,
    t.service_code,
    max(t.service_name) as service_name,
    cast(sum(case when t.state in ('confirmed', 'silent') then 1 else 0 end) as bigint) as settled_services,
    cast(sum(case when t.state in ('confirmed', 'silent') then t.quantity else 0 end) as bigint) as settled_quantity,
    cast(sum(t.settled_fen) as bigint) as settled_fen,
    cast(sum(case when t.state = 'silent' then t.amount_fen else 0 end) as bigint) as silent_fen,
    cast(sum(case when t.state in ('confirmed', 'silent') then t.deduction_fen else 0 end) as bigint) as deduction_fen,
    cast(sum(case when t.state = 'disputed' then t.amount_fen else 0 end) as bigint) as disputed_fen,
    cast(sum(case when t.state = 'awaiting' then t.amount_fen else 0 end) as bigint) as unconfirmed_fen,
    cast(sum(case when t.state = 'reversed' then t.amount_fen else 0 end) as bigint) as reversed_fen
from {{ ref('market_txn') }} as t
inner join {{ ref('dim_month') }} as m
    on t.month = m.month
group by
    t.month,
    t.provider_institution_id,
    t.consumer_institution_id,
    t.service_code
