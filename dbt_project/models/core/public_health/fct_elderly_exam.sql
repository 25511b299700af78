-- Grain: deliverer_id, exam_id.
select
    e.deliverer_id,
    e.exam_no as exam_id,
    e.org_code as institution_id,
    {{ month_of('e.exam_date') }} as month,
    e.exam_date as event_date,
    e.ehr_key,
    coalesce(p.person_key, e.ehr_key) as person_key,
    e.items_done as item_codes,
    e.complete_flag,
    e.guidance as guidance_flag,
    e.source_batch_id,
    e.source_file,
    e.source_line
from {{ ref('stg_ph_elderly_exam') }} as e
{{ known_person('ehr', 'e.ehr_key') }}
