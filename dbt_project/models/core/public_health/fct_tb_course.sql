-- Grain: deliverer_id, course_id.
-- The institution is the one that manages the person's health record.
select
    t.deliverer_id,
    t.tb_id as course_id,
    d.managing_institution_id as institution_id,
    {{ month_of('t.notify_date') }} as month,
    t.notify_date as event_date,
    t.ehr_key,
    coalesce(p.person_key, t.ehr_key) as person_key,
    t.first_visit_date,
    t.due_doses,
    t.taken_doses,
    t.end_date,
    t.source_batch_id,
    t.source_file,
    t.source_line
from {{ ref('stg_ph_tb') }} as t
{{ known_person('ehr', 't.ehr_key') }}
left join {{ ref('dim_person') }} as d
    on coalesce(p.person_key, t.ehr_key) = d.person_key
