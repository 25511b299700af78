-- Grain: deliverer_id, stated_institution_id, visit_id, diagnosis_number.
-- A row that names no institution belongs to the only visit of that number with the same deliverer: villages of one
-- township may number alike, and nothing is given to the wrong one.
with visit as (
    select
        deliverer_id,
        visit_id,
        institution_id,
        event_date,
        person_key,
        count(*) over (partition by deliverer_id, visit_id) = 1 as is_only
    from {{ ref('fct_outpatient_visit') }}
),

addressed as (
    {{ named_or_only('visit') }}
)

select
    d.deliverer_id,
    coalesce(d.org_code, d.deliverer_id) as stated_institution_id,
    d.visit_id,
    d.seq as diagnosis_number,
    v.institution_id,
    {{ month_of('v.event_date') }} as month,
    v.event_date,
    v.person_key,
    d.diag_code as diagnosis_code,
    {{ disease_category() }} as diagnosis_category,
    d.code_ver as code_version,
    d.diag_code_nhsa as nhsa_diagnosis_code,
    d.map_status as mapping_status,
    {{ translated_code('diagnosis') }},
    d.source_batch_id,
    d.source_file,
    d.source_line
from {{ ref('stg_his_op_diag') }} as d
left join addressed as v
    on
        d.deliverer_id = v.deliverer_id
        and d.visit_id = v.visit_id
        and coalesce(d.org_code, '') = v.named_as
{{ translate_code(
    'his_op_diag', 'diagnosis', 'd.deliverer_id', 'd.diag_code', 'v.event_date', "coalesce(d.code_ver, '')"
) }}
{{ known_category('d.diag_code') }}
