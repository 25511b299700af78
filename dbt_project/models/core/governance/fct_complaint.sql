-- Grain: deliverer_id, complaint_id.
select
    deliverer_id,
    cp_id as complaint_id,
    org_code as institution_id,
    {{ month_of('created_at') }} as month,
    cast(created_at as date) as event_date,
    source as complaint_source,
    category as complaint_category,
    cast(closed_at as date) as closed_date,
    adopted as adopted_flag,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_his_complaint') }}
