-- The feed names no institution: the visit of the same deliverer does.
with visit as (
    select
        deliverer_id,
        visit_id,
        min(institution_id) as institution_id,
        min(event_date) as event_date,
        min(person_key) as person_key
    from {{ ref('fct_outpatient_visit') }}
    group by
        deliverer_id,
        visit_id
)

select
    d.deliverer_id,
    d.visit_id,
    d.seq as diagnosis_number,
    v.institution_id,
    {{ month_of('v.event_date') }} as month,
    v.event_date,
    v.person_key,
    d.diag_code as diagnosis_code,
    {{ icd_category('d.diag_code') }} as diagnosis_category,
    d.code_ver as code_version,
    d.diag_code_nhsa as nhsa_diagnosis_code,
    d.map_status as mapping_status,
    {{ translated_code('diagnosis') }},
    d.source_batch_id,
    d.source_file,
    d.source_line
from {{ ref('stg_his_op_diag') }} as d
left join visit as v
    on
        d.deliverer_id = v.deliverer_id
        and d.visit_id = v.visit_id
{{ translate_code(
    'his_op_diag', 'diagnosis', 'd.deliverer_id', 'd.diag_code', 'v.event_date', "coalesce(d.code_ver, '')"
) }}
