-- Grain: entry_key.
-- What can change somebody's assistance points up to the end of the run: earned, asked for, and due to expire at
-- the end of the month so many months later. On one day what is earned comes first, what expires last.
with as_of as (
    select max(last_day) as last_day
    from {{ ref('dim_month') }}
),

rule as (
    select
        m.month,
        r.event_kind,
        r.code,
        r.points,
        r.valid_months,
        r.quality_gate,
        coalesce(r.gate_days, 0) as gate_days
    from {{ ref('dim_month') }} as m
    inner join {{ incoming('policy', 'assistance_rule') }} as r
        on {{ in_force('r', 'm.last_day') }}
    where r.event_kind <> 'redemption'
),

matched as (
    select
        e.*,
        case when o.code is not null then o.points else a.points end as earned_points,
        case when o.code is not null then o.valid_months else a.valid_months end as valid_months,
        case when o.code is not null then o.quality_gate else a.quality_gate end as quality_gate,
        coalesce(case when o.code is not null then o.gate_days else a.gate_days end, 0) as gate_days
    from {{ ref('staff_event') }} as e
    left join rule as o
        on
            {{ month_of('e.event_date') }} = o.month
            and e.event_kind = o.event_kind
            and e.code = o.code
    left join rule as a
        on
            {{ month_of('e.event_date') }} = a.month
            and e.event_kind = a.event_kind
            and a.code = '*'
    where e.event_kind in ('dispatch', 'teleconsult', 'referral_up', 'referral_down')
),

known as (
    select distinct staff_id
    from {{ ref('dim_staff_month') }}
),

earned as (
    select
        e.event_key,
        e.physician_staff_id as staff_id,
        e.institution_id,
        e.event_date + cast(e.gate_days as integer) as earned_on,
        e.earned_points,
        {{ month_number_of('e.event_date + cast(e.gate_days as integer)') }} + e.valid_months - 1 as last_month,
        e.source_feed,
        e.source_batch_id,
        e.source_file,
        e.source_line
    from matched as e
    inner join known as k
        on e.physician_staff_id = k.staff_id
    where
        e.earned_points is not null
        and {{ gate_passed('e', 'e.quality_gate', 'e.gate_days') }}
),

lot as (
    select
        *,
        last_day(make_date(
            cast({{ integer_divide('last_month', '12') }} as integer),
            cast(last_month - 12 * {{ integer_divide('last_month', '12') }} + 1 as integer),
            1
        )) as expires_on
    from earned
),

entry as (
    select
        'earned ' || event_key as entry_key,
        'earned' as entry_kind,
        1 as place_of_day,
        staff_id,
        institution_id,
        earned_on as entry_date,
        earned_on,
        cast(earned_points as bigint) as asked_points,
        cast(null as string) as purpose,
        cast(null as string) as approved_by,
        cast(null as string) as document,
        source_feed,
        source_batch_id,
        source_file,
        source_line
    from lot

    union all

    select
        'expired ' || event_key as entry_key,
        'expired' as entry_kind,
        3 as place_of_day,
        staff_id,
        institution_id,
        expires_on as entry_date,
        earned_on,
        cast(earned_points as bigint) as asked_points,
        cast(null as string) as purpose,
        cast(null as string) as approved_by,
        cast(null as string) as document,
        source_feed,
        source_batch_id,
        source_file,
        source_line
    from lot

    union all

    select
        'redeemed ' || redemption_id as entry_key,
        'redeemed' as entry_kind,
        2 as place_of_day,
        staff_id,
        institution_id,
        redeemed_on as entry_date,
        redeemed_on as earned_on,
        cast(points as bigint) as asked_points,
        purpose,
        approved_by,
        document,
        'policy/assistance_redemption' as source_feed,
        cast(null as string) as source_batch_id,
        cast(null as string) as source_file,
        cast(null as bigint) as source_line
    from {{ incoming('policy', 'assistance_redemption') }}
)

select e.*
from entry as e
cross join as_of as d
where e.entry_date <= d.last_day
