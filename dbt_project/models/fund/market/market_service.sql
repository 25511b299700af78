-- Grain: service_id.
-- Every service event with the signed price of its day and whether that price's conditions are met: what may be
-- charged. A price row without a document is no price. Follow-ups that do not complete a package are no service; which
-- one completes it says the price of the quarter's first day, so that a quarter has one package whatever changes in it.
-- Source: methods G; REQ-157 … REQ-168.
with shared as (
    select distinct e.service_id
    from {{ ref('market_event') }} as e
    inner join {{ incoming('policy', 'market_split') }} as s
        on
            e.service_code = s.service_code
            and {{ in_force('s', 'e.event_date') }}
),

-- Versions of a price never overlap (sources/county/policy.py).
on_its_day as (
    select
        e.service_id,
        p.*
    from {{ ref('market_event') }} as e
    inner join {{ incoming('policy', 'market_price') }} as p
        on
            e.service_code = p.service_code
            and {{ in_force('p', 'e.event_date') }}
),

quarter as (
    select
        service_id,
        service_code,
        make_date(
            {{ year_of('event_date') }},
            cast(1 + 3 * {{ integer_divide(
                month_number_of('event_date') ~ ' - 1 - 12 * ' ~ year_of('event_date'), '3'
            ) }} as integer),
            1
        ) as first_day
    from {{ ref('market_event') }}
    where service_code = 'CHRON-PKG'
),

of_its_quarter as (
    select
        q.service_id,
        p.volume_at_least
    from quarter as q
    inner join {{ incoming('policy', 'market_price') }} as p
        on
            q.service_code = p.service_code
            and {{ in_force('p', 'q.first_day') }}
),

priced as (
    select
        e.*,
        case
            when p.service_code is null then 'no_price'
            when coalesce(trim(p.document), '') = '' then 'not_signed'
            when p.pricing = 'share' and s.service_id is null then 'no_split'
        end as price_lacks,
        p.name_zh,
        p.unit,
        p.version as price_version,
        p.pricing,
        p.price_fen,
        p.provider_side,
        p.consumer_side,
        p.report_within_minutes,
        cast(round(p.hours_per_unit * 100, 0) as bigint) as hundredth_hours_per_unit,
        p.needs_check_in,
        case when q.service_id is not null then q.volume_at_least else p.volume_at_least end as volume_at_least,
        p.quality_gate,
        p.gate_days as gate_days_at_most
    from {{ ref('market_event') }} as e
    left join on_its_day as p
        on e.service_id = p.service_id
    left join of_its_quarter as q
        on e.service_id = q.service_id
    left join shared as s
        on e.service_id = s.service_id
),

judged as (
    select
        p.*,
        case
            when p.is_cancelled then 'cancelled'
            when f.institution_id is null or t.institution_id is null then 'not_a_member'
            when f.institution_id = t.institution_id then 'own'
            when p.price_lacks is not null then 'unpriced'
            when
                (p.provider_side = 'hospital' and not f.is_county_hospital)
                or (p.provider_side = 'primary' and not f.is_primary_care)
                or (p.consumer_side = 'hospital' and not t.is_county_hospital)
                or (p.consumer_side = 'primary' and not t.is_primary_care)
                then 'other_direction'
            when p.needs_check_in = 1 and not coalesce(p.has_check_in, false) then 'no_check_in'
            when p.volume_at_least is not null and coalesce(p.volume, 0) < p.volume_at_least then 'no_volume'
            -- A gate that says nothing of an event is not passed by it.
            when
                not coalesce(
                    case p.quality_gate
                        when 'recognised' then p.gate_days <= p.gate_days_at_most
                        when 'closed' then p.is_closed
                        when 'followed_up' then p.is_measured
                        else coalesce(trim(p.quality_gate), '') = ''
                    end,
                    false
                )
                then 'gate_not_met'
            when p.report_within_minutes is not null and p.report_minutes is null then 'no_report'
            when p.hundredth_hours_per_unit is not null and coalesce(p.hundredth_hours, 0) <= 0 then 'no_hours'
            when p.pricing = 'share' and coalesce(p.fee_fen, 0) <= 0 then 'no_fee'
            else 'due'
        end as outcome,
        case
            when p.hundredth_hours_per_unit is null then p.quantity
            -- A unit that has begun counts.
            else {{ integer_divide(
                'p.hundredth_hours + p.hundredth_hours_per_unit - 1', 'p.hundredth_hours_per_unit'
            ) }}
        end as charged_quantity
    from priced as p
    left join {{ ref('dim_institution') }} as f
        on p.provider_institution_id = f.institution_id
    left join {{ ref('dim_institution') }} as t
        on p.consumer_institution_id = t.institution_id
    where p.service_code <> 'CHRON-PKG' or p.volume = coalesce(p.volume_at_least, 1)
)

select
    service_id,
    service_code,
    name_zh as service_name,
    month,
    event_date,
    provider_institution_id,
    consumer_institution_id,
    staff_id,
    unit,
    cast(charged_quantity as bigint) as quantity,
    fee_fen,
    price_version,
    pricing,
    price_fen,
    provider_side,
    consumer_side,
    outcome,
    case outcome when 'unpriced' then price_lacks when 'no_hours' then 'no_hours' end as price_lacks,
    outcome = 'due'
    and (is_timed_out or coalesce(report_minutes > report_within_minutes, false)) as is_late,
    record_feed,
    record_id,
    deliverer_id,
    source_batch_id,
    source_file,
    source_line
from judged
