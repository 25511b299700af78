-- Grain: deliverer_id, settlement_id, diagnosis_number.
-- Dated by the discharge of the list: what a code means, and which scheme groups it, is a matter of that day.
select
    d.deliverer_id,
    d.setl_id as settlement_id,
    d.seq as diagnosis_number,
    l.institution_id,
    l.month,
    l.event_date,
    d.diag_type as diagnosis_type,
    d.maindiag_flag = '1' as is_principal,
    d.diag_code as diagnosis_code,
    {{ translated_code('diagnosis') }},
    d.adm_cond_type as present_on_admission_code,
    d.source_batch_id,
    d.source_file,
    d.source_line
from {{ ref('stg_si_settle_diag') }} as d
left join {{ ref('fct_settlement_list') }} as l
    on
        d.deliverer_id = l.deliverer_id
        and d.setl_id = l.settlement_id
{{ translate_code('si_settle_diag', 'diagnosis', 'd.deliverer_id', 'd.diag_code', 'l.event_date') }}
