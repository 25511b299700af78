-- Grain: deliverer_id, contract_id, party.
-- A family-doctor fee shared among the roles of the team: the parts are the fee to the fen.
-- Source: methods G (50 / 20 / 15 / 15); REQ-161.
with party as (
    select
        c.deliverer_id,
        c.contract_id,
        c.month,
        c.institution_id,
        c.staff_id,
        c.team_id,
        c.fee_fen,
        s.party,
        {{ millionths('s.share') }} as weight,
        c.source_batch_id,
        c.source_file,
        c.source_line
    from {{ ref('fct_contract') }} as c
    inner join {{ incoming('policy', 'market_split') }} as s
        on
            s.service_code = 'FD-FEE'
            and {{ in_force('s', 'c.event_date') }}
    where
        c.paid_flag = '1'
        and c.fee_fen > 0
        and c.institution_id is not null
),

divided as (
    {{ split_exactly('party', ['deliverer_id', 'contract_id'], ['party'], 'fee_fen', 'weight') }}
)

select
    deliverer_id,
    contract_id,
    month,
    institution_id,
    party,
    case when party = 'family_doctor' then staff_id end as staff_id,
    team_id,
    fee_fen,
    amount_fen,
    source_batch_id,
    source_file,
    source_line
from divided
