-- Grain: entry_key.
-- The ledger of assistance points. What was earned first is used first and expires first, so that what has expired
-- by then is the most by which, at any time so far, points due to expire exceeded points redeemed. A redemption
-- that would overdraw is refused, and so is every later one of that person until somebody mends it: the balance is
-- never below 0.
with running as (
    select
        *,
        sum(case when entry_kind = 'earned' then asked_points else 0 end) over (
            partition by staff_id
            order by
                entry_date asc nulls last,
                place_of_day asc nulls last,
                earned_on asc nulls last,
                entry_key asc nulls last
            rows between unbounded preceding and current row
        ) as earned_to_date,
        sum(case entry_kind when 'expired' then asked_points when 'redeemed' then -asked_points else 0 end) over (
            partition by staff_id
            order by
                entry_date asc nulls last,
                place_of_day asc nulls last,
                earned_on asc nulls last,
                entry_key asc nulls last
            rows between unbounded preceding and current row
        ) as due_less_redeemed,
        sum(case when entry_kind = 'redeemed' then asked_points else 0 end) over (
            partition by staff_id
            order by
                entry_date asc nulls last,
                place_of_day asc nulls last,
                earned_on asc nulls last,
                entry_key asc nulls last
            rows between unbounded preceding and current row
        ) as redeemed_to_date,
        row_number() over (
            partition by staff_id
            order by
                entry_date asc nulls last,
                place_of_day asc nulls last,
                earned_on asc nulls last,
                entry_key asc nulls last
        ) as place
    from {{ ref('assistance_entry') }}
),

if_all_were_honoured as (
    select
        *,
        earned_to_date - redeemed_to_date - greatest(0, max(due_less_redeemed) over (
            partition by staff_id
            order by place asc nulls last, entry_key asc nulls last
            rows between unbounded preceding and current row
        )) as balance_points
    from running
),

first_refused as (
    select
        staff_id,
        min(place) as refused_from
    from if_all_were_honoured
    where balance_points < 0
    group by staff_id
),

honoured as (
    select
        r.*,
        coalesce(r.entry_kind = 'redeemed' and r.place >= f.refused_from, false) as is_refused,
        case when r.entry_kind = 'redeemed' and coalesce(r.place < f.refused_from, true) then r.asked_points else 0 end
            as redeemed_points
    from running as r
    left join first_refused as f
        on r.staff_id = f.staff_id
),

to_date as (
    select
        *,
        sum(redeemed_points) over (
            partition by staff_id
            order by place asc nulls last, entry_key asc nulls last
            rows between unbounded preceding and current row
        ) as honoured_to_date,
        sum(case when entry_kind = 'expired' then asked_points else 0 end - redeemed_points) over (
            partition by staff_id
            order by place asc nulls last, entry_key asc nulls last
            rows between unbounded preceding and current row
        ) as due_less_honoured
    from honoured
),

expired as (
    select
        *,
        greatest(0, max(due_less_honoured) over (
            partition by staff_id
            order by place asc nulls last, entry_key asc nulls last
            rows between unbounded preceding and current row
        )) as expired_to_date
    from to_date
),

stepped as (
    select
        *,
        coalesce(lag(expired_to_date) over (
            partition by staff_id
            order by place asc nulls last, entry_key asc nulls last
        ), 0) as expired_before
    from expired
)

select
    entry_key,
    {{ month_of('entry_date') }} as month,
    staff_id,
    cast(place as bigint) as entry_number,
    case when is_refused then 'refused' else entry_kind end as entry_kind,
    institution_id,
    entry_date,
    cast(
        case
            when is_refused then 0
            when entry_kind = 'earned' then asked_points
            when entry_kind = 'redeemed' then -asked_points
            else expired_before - expired_to_date
        end as bigint
    ) as points,
    asked_points,
    cast(earned_to_date - honoured_to_date - expired_to_date as bigint) as balance_points,
    purpose,
    approved_by,
    document,
    source_feed,
    source_batch_id,
    source_file,
    source_line
from stepped
