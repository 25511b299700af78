-- Grain: deliverer_id, followup_id.
-- The institution is the one that manages the person's health record.
select
    f.deliverer_id,
    f.fu_id as followup_id,
    d.managing_institution_id as institution_id,
    {{ month_of('f.fu_date') }} as month,
    f.fu_date as event_date,
    'DM2' as disease_code,
    f.ehr_key,
    coalesce(p.person_key, f.ehr_key) as person_key,
    f.staff_id,
    f.fu_way as followup_way,
    f.fbg as fasting_glucose_mmol,
    f.rbg as random_glucose_mmol,
    f.hba1c as hba1c_pct,
    f.sbp as systolic_mmhg,
    f.dbp as diastolic_mmhg,
    f.hypo_reaction as hypoglycaemia_code,
    f.fu_class as followup_class,
    f.next_date,
    f.source_batch_id,
    f.source_file,
    f.source_line
from {{ ref('stg_ph_followup_dm') }} as f
{{ known_person('ehr', 'f.ehr_key') }}
left join {{ ref('dim_person') }} as d
    on coalesce(p.person_key, f.ehr_key) = d.person_key
