-- KPI-149: rows of a batch in force that were judged on the way in, and those that passed. A row sent twice is judged
-- once; a rejected row that a later batch mended is judged there.
select
    b.delivery_month as month,
    b.deliverer_id as institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    cast(b.first_landed_at as date) as event_date,
    b.accepted_rows as rows_passed,
    b.accepted_rows + b.quarantined_rows - b.resolved_rows as rows_judged,
    'dq_results' as source_feed,
    b.batch_id as source_batch_id,
    b.source_file,
    cast(null as bigint) as source_line
from {{ ref('stg_batch_outcome') }} as b
inner join {{ ref('dim_month') }} as m
    on b.delivery_month = m.month
where
    b.status = 'conformed'
    and b.standing = 'in_force'
