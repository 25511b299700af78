-- Grain: deliverer_id, enrolment_id.
select
    c.deliverer_id,
    c.enrol_id as enrolment_id,
    c.manage_org as institution_id,
    {{ month_of('c.enrol_date') }} as month,
    c.enrol_date as event_date,
    c.ehr_key,
    coalesce(p.person_key, c.ehr_key) as person_key,
    c.disease as disease_code,
    c.confirm_date,
    c.enrol_date,
    c.manage_level,
    c.end_date,
    c.end_reason,
    c.source_batch_id,
    c.source_file,
    c.source_line
from {{ ref('stg_ph_chronic_enrol') }} as c
{{ known_person('ehr', 'c.ehr_key') }}
