-- Grain: deliverer_id, ehr_key.
select
    e.deliverer_id,
    e.ehr_key,
    e.manage_org as institution_id,
    {{ month_of('e.create_date') }} as month,
    e.create_date as event_date,
    coalesce(p.person_key, e.ehr_key) as person_key,
    e.gender as gender_code,
    e.birth_year,
    e.addr_div as residence_division_code,
    e.resid_type as residence_type,
    e.create_date,
    e.file_status,
    e.standard_flag,
    e.last_dynamic_date,
    e.open_to_resident as open_to_resident_flag,
    e.disease_history as disease_history_codes,
    e.source_batch_id,
    e.source_file,
    e.source_line
from {{ ref('stg_ph_ehr') }} as e
{{ known_person('ehr', 'e.ehr_key') }}
