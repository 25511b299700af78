-- Grain: deliverer_id, stated_institution_id, visit_id, procedure_number.
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
    o.deliverer_id,
    coalesce(o.org_code, o.deliverer_id) as stated_institution_id,
    o.visit_id,
    o.seq as procedure_number,
    s.institution_id,
    {{ month_of('o.oper_date') }} as month,
    o.oper_date as event_date,
    s.person_key,
    o.oper_code as procedure_code,
    o.oper_code_nhsa as nhsa_procedure_code,
    {{ translated_code('procedure') }},
    o.oper_level as procedure_level,
    o.operator_key,
    o.first_assistant_key,
    o.second_assistant_key,
    o.anaesthetist_key,
    o.anes_way as anaesthesia_code,
    o.incision as incision_code,
    o.minimally_invasive as minimally_invasive_flag,
    o.complication as complication_flag,
    o.source_batch_id,
    o.source_file,
    o.source_line
from {{ ref('stg_his_mr_oper') }} as o
left join addressed as s
    on
        o.deliverer_id = s.deliverer_id
        and o.visit_id = s.visit_id
        and coalesce(o.org_code, '') = s.named_as
{{ translate_code(
    'his_mr_oper', 'procedure', 'o.deliverer_id', 'o.oper_code', 'o.oper_date', "coalesce(o.code_ver, '')"
) }}
