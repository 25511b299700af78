-- Grain: service_code, record_feed, record_id, provider_institution_id, consumer_institution_id, difference.
-- Where what members booked and what the records tell part: a service nobody booked, a booking without a service, one
-- that is not due, another amount or another version of the price. What is settled is the service at its price.
-- Source: REQ-157.
with service as (
    select
        s.service_code,
        s.record_feed,
        s.record_id,
        s.provider_institution_id,
        s.consumer_institution_id,
        min(s.month) as month,
        min(s.outcome) as outcome,
        max(s.price_version) as price_version,
        cast(sum(coalesce(c.amount_fen, 0)) as bigint) as amount_fen
    from {{ ref('market_service') }} as s
    left join {{ ref('market_charge') }} as c
        on s.service_id = c.service_id
    group by
        s.service_code,
        s.record_feed,
        s.record_id,
        s.provider_institution_id,
        s.consumer_institution_id
),

compared as (
    select
        s.month,
        s.service_code,
        s.record_feed,
        s.record_id,
        s.provider_institution_id,
        s.consumer_institution_id,
        s.outcome,
        s.amount_fen,
        d.amount_fen as delivered_fen,
        d.transaction_id,
        case
            when d.service_code is null and s.outcome = 'due' then 'not_booked'
            when d.service_code is null or d.is_reversed then null
            when s.outcome = 'unpriced' then 'unpriced'
            when s.outcome <> 'due' then 'not_due'
            when d.amount_fen <> s.amount_fen then 'other_amount'
            when d.price_version <> s.price_version then 'other_version'
        end as difference
    from service as s
    left join {{ ref('market_delivered') }} as d
        on
            s.service_code = d.service_code
            and s.record_feed = d.record_feed
            and s.record_id = d.record_id
            and s.provider_institution_id = d.institution_id
            and s.consumer_institution_id = d.consumer_institution_id
),

booked_only as (
    select
        d.month,
        d.service_code,
        d.record_feed,
        d.record_id,
        d.institution_id as provider_institution_id,
        d.consumer_institution_id,
        cast(null as string) as outcome,
        cast(0 as bigint) as amount_fen,
        d.amount_fen as delivered_fen,
        d.transaction_id,
        'no_service' as difference
    from {{ ref('market_delivered') }} as d
    left join service as s
        on
            d.service_code = s.service_code
            and d.record_feed = s.record_feed
            and d.record_id = s.record_id
            and d.institution_id = s.provider_institution_id
            and d.consumer_institution_id = s.consumer_institution_id
    where
        s.service_code is null
        and not d.is_reversed
)

select * from compared
where difference is not null

union all

select * from booked_only
