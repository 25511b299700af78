-- Grain: deliverer_id, service_id.
-- The institution is the one that manages the person's health record.
select
    t.deliverer_id,
    t.tcm_no as service_id,
    d.managing_institution_id as institution_id,
    {{ month_of('t.svc_date') }} as month,
    t.svc_date as event_date,
    t.ehr_key,
    coalesce(p.person_key, t.ehr_key) as person_key,
    t.target as target_group,
    t.constitution as constitution_code,
    t.guidance as guidance_flag,
    t.source_batch_id,
    t.source_file,
    t.source_line
from {{ ref('stg_ph_tcm') }} as t
{{ known_person('ehr', 't.ehr_key') }}
left join {{ ref('dim_person') }} as d
    on coalesce(p.person_key, t.ehr_key) = d.person_key
