-- Grain: deliverer_id, followup_id.
-- The institution is the one that manages the person's health record.
select
    f.deliverer_id,
    f.fu_id as followup_id,
    d.managing_institution_id as institution_id,
    {{ month_of('f.fu_date') }} as month,
    f.fu_date as event_date,
    'SMI' as disease_code,
    f.ehr_key,
    coalesce(p.person_key, f.ehr_key) as person_key,
    f.risk_level,
    f.drug_adherence as drug_adherence_code,
    f.stable_flag as condition_code,
    f.exam_done as exam_flag,
    f.source_batch_id,
    f.source_file,
    f.source_line
from {{ ref('stg_ph_smi') }} as f
{{ known_person('ehr', 'f.ehr_key') }}
left join {{ ref('dim_person') }} as d
    on coalesce(p.person_key, f.ehr_key) = d.person_key
