-- Every delivery that was expected, month by month: whether it came, when, and how many rows it usually has.
with delivered as (
    select
        deliverer_id,
        feed,
        delivery_month as month,
        sum(case when standing = 'in_force' then delivered_rows end) as delivered_rows,
        -- A file that was corrected later came in time all the same. A database is read by us: whatever is late there
        -- is not the deliverer's lateness.
        min(case when source_file not like 'database/%' then first_landed_at end) as first_landed_at
    from {{ ref('stg_batch_outcome') }}
    where
        status = 'conformed'
        and standing <> 'withdrawn'
    group by
        deliverer_id,
        feed,
        delivery_month
),

due as (
    select max(value) as days
    from {{ ref('policy_quality_parameter') }}
    where parameter = 'delivery_due_day'
),

expected as (
    select
        e.institution_id as deliverer_id,
        e.feed,
        m.month,
        m.last_day,
        d.delivered_rows,
        d.first_landed_at,
        max(case when d.delivered_rows > 0 then m.month end) over (
            partition by e.institution_id, e.feed
            order by m.month asc nulls last
            rows between unbounded preceding and 1 preceding
        ) as last_month
    from {{ incoming('county', 'expected_delivery') }} as e
    cross join {{ ref('dim_month') }} as m
    left join delivered as d
        on
            e.institution_id = d.deliverer_id
            and e.feed = d.feed
            and m.month = d.month
)

select
    e.deliverer_id,
    e.feed,
    e.month,
    e.delivered_rows,
    e.first_landed_at,
    coalesce(e.delivered_rows, l.delivered_rows, 1) as usual_rows,
    e.delivered_rows is null as is_missing,
    coalesce({{ days_between('e.last_day', 'cast(e.first_landed_at as date)') }} > u.days, false) as is_late
from expected as e
cross join due as u
left join delivered as l
    on
        e.deliverer_id = l.deliverer_id
        and e.feed = l.feed
        and e.last_month = l.month
