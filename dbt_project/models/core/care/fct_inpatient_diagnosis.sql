-- The feed names no institution: the stay of the same deliverer does.
with stay as (
    select
        deliverer_id,
        visit_id,
        min(institution_id) as institution_id,
        min(event_date) as discharge_date,
        min(person_key) as person_key
    from {{ ref('fct_inpatient_stay') }}
    group by
        deliverer_id,
        visit_id
)

select
    d.deliverer_id,
    d.visit_id,
    d.seq as diagnosis_number,
    s.institution_id,
    {{ month_of('s.discharge_date') }} as month,
    s.discharge_date as event_date,
    s.person_key,
    d.seq = 0 as is_principal,
    d.diag_code as diagnosis_code,
    {{ icd_category('d.diag_code') }} as diagnosis_category,
    d.diag_code_nhsa as nhsa_diagnosis_code,
    d.map_status as mapping_status,
    {{ translated_code('diagnosis') }},
    d.poa as present_on_admission_code,
    d.source_batch_id,
    d.source_file,
    d.source_line
from {{ ref('stg_his_mr_diag') }} as d
left join stay as s
    on
        d.deliverer_id = s.deliverer_id
        and d.visit_id = s.visit_id
{{ translate_code('his_mr_diag', 'diagnosis', 'd.deliverer_id', 'd.diag_code', 's.discharge_date') }}
