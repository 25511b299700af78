-- Grain: service_id.
-- A charge and what became of it: both confirmed, or nobody said a word for so many days (settled on that day);
-- disputed (frozen); taken back; or still awaiting at the end of the last month. `month` is that of the settlement,
-- else of the service.
-- Source: methods G; REQ-157, REQ-164, REQ-169.
with rule as (
    select distinct
        c.event_date,
        r.silence_days
    from {{ ref('market_charge') }} as c
    inner join {{ incoming('policy', 'market_rule') }} as r
        on {{ in_force('r', 'c.event_date') }}
    where r.scope = 'county'
),

as_of as (
    select max(last_day) as last_day
    from {{ ref('dim_month') }}
),

told as (
    select
        c.*,
        coalesce(d.is_disputed, false) as is_disputed,
        coalesce(d.is_reversed, false) as is_reversed,
        d.provider_confirmed_at,
        d.consumer_confirmed_at,
        d.transaction_id,
        d.amount_fen as delivered_fen,
        cast(greatest(d.provider_confirmed_at, d.consumer_confirmed_at) as date) as agreed_date,
        d.provider_confirmed_at is not null and d.consumer_confirmed_at is not null as is_agreed,
        c.event_date + cast(r.silence_days as integer) as silence_date
    from {{ ref('market_charge') }} as c
    left join {{ ref('market_delivered') }} as d
        on
            c.service_code = d.service_code
            and c.record_feed = d.record_feed
            and c.record_id = d.record_id
            and c.provider_institution_id = d.institution_id
            and c.consumer_institution_id = d.consumer_institution_id
    left join rule as r
        on c.event_date = r.event_date
),

dated as (
    select
        t.*,
        a.last_day,
        case
            when t.is_agreed and t.agreed_date <= coalesce(t.silence_date, t.agreed_date)
                then greatest(t.agreed_date, t.event_date)
            else t.silence_date
        end as due_date
    from told as t
    cross join as_of as a
),

stated as (
    select
        *,
        case
            when is_reversed then 'reversed'
            when is_disputed then 'disputed'
            when coalesce(due_date > last_day, true) then 'awaiting'
            when is_agreed and agreed_date <= coalesce(silence_date, agreed_date) then 'confirmed'
            else 'silent'
        end as state
    from dated
)

select
    service_id,
    case when state in ('confirmed', 'silent') then {{ month_of('due_date') }} else month end as month,
    month as service_month,
    event_date,
    service_code,
    service_name,
    provider_institution_id,
    consumer_institution_id,
    consumer_side,
    staff_id,
    unit,
    quantity,
    fee_fen,
    price_version,
    is_late,
    gross_fen,
    deduction_fen,
    amount_fen,
    state,
    case when state in ('confirmed', 'silent') then due_date end as settled_date,
    cast(case when state in ('confirmed', 'silent') then amount_fen else 0 end as bigint) as settled_fen,
    provider_confirmed_at,
    consumer_confirmed_at,
    transaction_id,
    delivered_fen,
    record_feed,
    record_id,
    deliverer_id,
    source_batch_id,
    source_file,
    source_line
from stated
