-- Grain: deliverer_id, stated_institution_id, visit_id, diagnosis_number.
-- A row that names no institution belongs to the only stay of that number with the same deliverer: villages of one
-- township may number alike, and nothing is given to the wrong one.
with stay as (
    select
        deliverer_id,
        visit_id,
        institution_id,
        event_date as discharge_date,
        person_key,
        count(*) over (partition by deliverer_id, visit_id) = 1 as is_only
    from {{ ref('fct_inpatient_stay') }}
),

addressed as (
    {{ named_or_only('stay') }}
)

select
    d.deliverer_id,
    coalesce(d.org_code, d.deliverer_id) as stated_institution_id,
    d.visit_id,
    d.seq as diagnosis_number,
    s.institution_id,
    {{ month_of('s.discharge_date') }} as month,
    s.discharge_date as event_date,
    s.person_key,
    d.seq = 0 as is_principal,
    d.diag_code as diagnosis_code,
    {{ disease_category() }} as diagnosis_category,
    d.diag_code_nhsa as nhsa_diagnosis_code,
    d.map_status as mapping_status,
    {{ translated_code('diagnosis') }},
    d.poa as present_on_admission_code,
    d.source_batch_id,
    d.source_file,
    d.source_line
from {{ ref('stg_his_mr_diag') }} as d
left join addressed as s
    on
        d.deliverer_id = s.deliverer_id
        and d.visit_id = s.visit_id
        and coalesce(d.org_code, '') = s.named_as
{{ translate_code(
    'his_mr_diag', 'diagnosis', 'd.deliverer_id', 'd.diag_code', 's.discharge_date', "coalesce(d.code_ver, '')"
) }}
{{ known_category('d.diag_code') }}
