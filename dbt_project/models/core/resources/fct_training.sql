-- Grain: deliverer_id, training_id.
select
    deliverer_id,
    train_id as training_id,
    {{ month_of('start_date') }} as month,
    start_date as event_date,
    staff_id,
    train_type as training_type,
    host_org as host_name,
    start_date,
    end_date,
    months as training_months,
    voluntary as voluntary_flag,
    passed as passed_flag,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_his_training') }}
