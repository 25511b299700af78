-- Grain: case_id, terminology, number.
-- The codes of a case with the lines they stand on.
select
    c.month,
    c.case_id,
    'diagnosis' as terminology,
    d.diagnosis_number as number,
    d.is_principal,
    d.diagnosis_code as code,
    d.normalised_diagnosis_code as normalised_code,
    d.source_batch_id,
    d.source_file,
    d.source_line
from {{ ref('casemix_case') }} as c
inner join {{ ref('fct_settlement_list_diagnosis') }} as d
    on
        c.deliverer_id = d.deliverer_id
        and c.settlement_id = d.settlement_id

union all

select
    c.month,
    c.case_id,
    'procedure' as terminology,
    p.procedure_number as number,
    p.is_principal,
    p.procedure_code as code,
    p.normalised_procedure_code as normalised_code,
    p.source_batch_id,
    p.source_file,
    p.source_line
from {{ ref('casemix_case') }} as c
inner join {{ ref('fct_settlement_list_procedure') }} as p
    on
        c.deliverer_id = p.deliverer_id
        and c.settlement_id = p.settlement_id
