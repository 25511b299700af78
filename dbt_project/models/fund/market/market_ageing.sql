-- Grain: month, provider_institution_id, consumer_institution_id, age_band.
-- What is owed and not settled at the end of a month, by its age in days since the service; the oldest band is a
-- warning.
-- Source: REQ-170.
with owed as (
    select
        m.month,
        t.provider_institution_id,
        t.consumer_institution_id,
        t.amount_fen,
        t.state,
        {{ days_between('t.event_date', 'm.last_day') }} as age_days,
        r.ageing_first_days,
        r.ageing_second_days,
        r.ageing_third_days
    from {{ ref('market_txn') }} as t
    inner join {{ ref('dim_month') }} as m
        on
            t.event_date <= m.last_day
            and (t.settled_date is null or t.settled_date > m.last_day)
    inner join {{ incoming('policy', 'market_rule') }} as r
        on
            r.scope = 'county'
            and {{ in_force('r', 'm.last_day') }}
    where t.state <> 'reversed'
),

banded as (
    select
        *,
        case
            when age_days <= ageing_first_days then 1
            when age_days <= ageing_second_days then 2
            when age_days <= ageing_third_days then 3
            else 4
        end as age_band
    from owed
)

select
    month,
    provider_institution_id,
    consumer_institution_id,
    age_band,
    cast(max(age_days) as bigint) as oldest_days,
    cast(count(*) as bigint) as services,
    cast(sum(amount_fen) as bigint) as amount_fen,
    cast(sum(case when state = 'disputed' then amount_fen else 0 end) as bigint) as disputed_fen,
    age_band = 4 as is_warned
from banded
group by
    month,
    provider_institution_id,
    consumer_institution_id,
    age_band
