-- Grain: deliverer_id, followup_id.
-- The institution is the one that manages the person's health record.
select
    f.deliverer_id,
    f.fu_id as followup_id,
    d.managing_institution_id as institution_id,
    {{ month_of('f.fu_date') }} as month,
    f.fu_date as event_date,
    'HTN' as disease_code,
    f.ehr_key,
    coalesce(p.person_key, f.ehr_key) as person_key,
    f.staff_id,
    f.fu_way as followup_way,
    f.sbp as systolic_mmhg,
    f.dbp as diastolic_mmhg,
    f.height as height_cm,
    f.weight as weight_kg,
    f.compliance as compliance_code,
    f.drug_adherence as drug_adherence_code,
    f.adverse as adverse_reaction_code,
    f.fu_class as followup_class,
    f.next_date,
    f.created_at,
    f.source_batch_id,
    f.source_file,
    f.source_line
from {{ ref('stg_ph_followup_htn') }} as f
{{ known_person('ehr', 'f.ehr_key') }}
left join {{ ref('dim_person') }} as d
    on coalesce(p.person_key, f.ehr_key) = d.person_key
