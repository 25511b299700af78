-- Grain: deliverer_id, adverse_event_id.
select
    a.deliverer_id,
    a.ae_id as adverse_event_id,
    a.org_code as institution_id,
    {{ month_of('a.occur_date') }} as month,
    a.occur_date as event_date,
    a.visit_id,
    a.ae_type as event_type,
    a.severity,
    a.reported_at,
    a.source_batch_id,
    a.source_file,
    a.source_line
from {{ ref('stg_his_adverse_event') }} as a
