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
    o.deliverer_id,
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
    o.anes_way as anaesthesia_code,
    o.incision as incision_code,
    o.minimally_invasive as minimally_invasive_flag,
    o.complication as complication_flag,
    o.source_batch_id,
    o.source_file,
    o.source_line
from {{ ref('stg_his_mr_oper') }} as o
left join stay as s
    on
        o.deliverer_id = s.deliverer_id
        and o.visit_id = s.visit_id
{{ translate_code('his_mr_oper', 'procedure', 'o.deliverer_id', 'o.oper_code', 'o.oper_date') }}
