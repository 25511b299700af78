-- KPI-150: deliveries due in a month, and those that came by the due day of the quality policy. What is read from a
-- database is never late, only missing.
select
    d.month,
    d.deliverer_id as institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    coalesce(cast(d.first_landed_at as date), m.last_day) as event_date,
    case when d.is_missing or d.is_late then 0 else 1 end as deliveries_in_time,
    1 as due_deliveries,
    'dq_results' as source_feed,
    cast(null as string) as source_batch_id,
    d.feed as source_file,
    cast(null as bigint) as source_line
from {{ ref('quality_delivery') }} as d
inner join {{ ref('dim_month') }} as m
    on d.month = m.month
