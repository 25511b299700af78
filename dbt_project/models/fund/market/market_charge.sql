-- Grain: service_id.
-- What a service that is due comes to, in fen: quantity × price; of a shared fee what the consumer does not keep, to
-- the fen; less the deduction for a late report.
-- Source: methods G (SURG-7030: 6,000 yuan → 1,800 stay, 4,200 go up); REQ-163, REQ-167.
with due as (
    select *
    from {{ ref('market_service') }}
    where outcome = 'due'
),

-- The fee in two: what stays with the consumer and what the provider's side gets.
half as (
    select
        d.service_id,
        d.fee_fen,
        case
            when s.party = 'township' then d.consumer_side = 'primary'
            when s.party = 'county_hospital' then d.consumer_side = 'hospital'
            else false
        end as stays,
        sum({{ millionths('s.share') }}) as weight
    from due as d
    inner join {{ incoming('policy', 'market_split') }} as s
        on
            d.service_code = s.service_code
            and {{ in_force('s', 'd.event_date') }}
    where d.pricing = 'share'
    group by
        d.service_id,
        d.fee_fen,
        case
            when s.party = 'township' then d.consumer_side = 'primary'
            when s.party = 'county_hospital' then d.consumer_side = 'hospital'
            else false
        end
),

weighed as (
    select
        service_id,
        fee_fen,
        stays,
        cast(weight as bigint) as weight
    from half
),

divided as (
    {{ split_exactly('weighed', ['service_id'], ['stays'], 'fee_fen', 'weight') }}
),

goes as (
    select
        service_id,
        amount_fen
    from divided
    where not stays
),

gross as (
    select
        d.*,
        case when d.pricing = 'flat' then d.quantity * d.price_fen else h.amount_fen end as gross_fen
    from due as d
    left join goes as h
        on d.service_id = h.service_id
),

rule as (
    select distinct
        g.event_date,
        r.late_deduction_pct
    from gross as g
    inner join {{ incoming('policy', 'market_rule') }} as r
        on {{ in_force('r', 'g.event_date') }}
    where r.scope = 'county'
),

deducted as (
    select
        g.*,
        case
            when g.is_late
                then cast({{ divide_half_up(
                    'g.gross_fen * ' ~ millionths('coalesce(r.late_deduction_pct, 0)'), '100000000'
                ) }} as bigint)
            else cast(0 as bigint)
        end as deduction_fen
    from gross as g
    left join rule as r
        on g.event_date = r.event_date
)

select
    service_id,
    service_code,
    service_name,
    month,
    event_date,
    provider_institution_id,
    consumer_institution_id,
    staff_id,
    unit,
    quantity,
    fee_fen,
    price_version,
    consumer_side,
    is_late,
    cast(gross_fen as bigint) as gross_fen,
    deduction_fen,
    cast(gross_fen - deduction_fen as bigint) as amount_fen,
    record_feed,
    record_id,
    deliverer_id,
    source_batch_id,
    source_file,
    source_line
from deducted
