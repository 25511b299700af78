-- Grain: service_id, party.
-- What of a settled amount the provider owes to whom on its own side (the expert who operated), to the fen.
-- Source: methods G: of 4,200 yuan the expert gets 2,520, the hospital 1,680.
with party as (
    select
        t.service_id,
        t.month,
        t.service_code,
        t.provider_institution_id,
        case when s.party = 'expert' then t.staff_id end as staff_id,
        t.settled_fen,
        s.party,
        {{ millionths('s.share') }} as weight
    from {{ ref('market_txn') }} as t
    inner join {{ incoming('policy', 'market_split') }} as s
        on
            t.service_code = s.service_code
            and {{ in_force('s', 't.event_date') }}
    where
        t.state in ('confirmed', 'silent')
        and s.party <> case when t.consumer_side = 'primary' then 'township' else 'county_hospital' end
),

divided as (
    {{ split_exactly('party', ['service_id'], ['party'], 'settled_fen', 'weight') }}
)

select
    service_id,
    month,
    service_code,
    provider_institution_id,
    staff_id,
    party,
    settled_fen,
    amount_fen
from divided
