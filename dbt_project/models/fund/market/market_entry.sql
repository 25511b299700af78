-- Grain: month, account_id, counter_account_id, rule_id, source_relation, source_key.
-- The internal market as entries (decision 0046): the consumer's account gives to the provider's; the provider's to
-- the expert; a family-doctor fee comes in from who pays it and goes on to those of the team.
with settled as (
    select
        t.month,
        'institution:' || t.provider_institution_id || ':market' as account_id,
        'institution:' || t.consumer_institution_id || ':market' as counter_account_id,
        t.settled_fen as amount_fen,
        'market_price/' || t.service_code || '/' || t.price_version as rule_id,
        'market_txn' as source_relation,
        t.service_id as source_key
    from {{ ref('market_txn') }} as t
    where t.state in ('confirmed', 'silent')
),

expert as (
    select
        month,
        coalesce('person:' || staff_id || ':market', 'institution:' || provider_institution_id || ':expert_fee')
            as account_id,
        'institution:' || provider_institution_id || ':market' as counter_account_id,
        amount_fen,
        'market_split/' || service_code || '/' || party as rule_id,
        'market_part' as source_relation,
        service_id || ' ' || party as source_key
    from {{ ref('market_part') }}
    where party not in ('county_hospital', 'township')
),

fee as (
    select
        month,
        'institution:' || institution_id || ':contract_fee' as account_id,
        'contract_payer:' || payer as counter_account_id,
        amount_fen,
        'contract_fee/' || payer as rule_id,
        'market_contract_fee' as source_relation,
        deliverer_id || ' ' || contract_id || ' ' || payer as source_key
    from {{ ref('market_contract_fee') }}
),

team as (
    select
        month,
        coalesce('person:' || staff_id || ':market', 'institution:' || institution_id || ':role_' || party)
            as account_id,
        'institution:' || institution_id || ':contract_fee' as counter_account_id,
        amount_fen,
        'market_split/FD-FEE/' || party as rule_id,
        'market_contract_part' as source_relation,
        deliverer_id || ' ' || contract_id || ' ' || party as source_key
    from {{ ref('market_contract_part') }}
),

entry as (
    select * from settled
    union all
    select * from expert
    union all
    select * from fee
    union all
    select * from team
)

select
    e.month,
    e.account_id,
    e.counter_account_id,
    e.amount_fen,
    e.rule_id,
    e.source_relation,
    e.source_key
from entry as e
inner join {{ ref('dim_month') }} as m
    on e.month = m.month
where e.amount_fen <> 0
