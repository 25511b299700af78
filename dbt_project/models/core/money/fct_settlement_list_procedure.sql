-- Grain: deliverer_id, settlement_id, procedure_number.
select
    o.deliverer_id,
    o.setl_id as settlement_id,
    o.seq as procedure_number,
    l.institution_id,
    l.month,
    l.event_date,
    o.oprn_oprt_type = '1' as is_principal,
    o.oprn_oprt_code as procedure_code,
    {{ translated_code('procedure') }},
    o.oprn_oprt_begntime as begin_time,
    o.oprn_oprt_endtime as end_time,
    o.anst_way as anaesthesia_code,
    o.oper_dr_code as surgeon_insurance_code,
    o.source_batch_id,
    o.source_file,
    o.source_line
from {{ ref('stg_si_settle_oper') }} as o
left join {{ ref('fct_settlement_list') }} as l
    on
        o.deliverer_id = l.deliverer_id
        and o.setl_id = l.settlement_id
{{ translate_code('si_settle_oper', 'procedure', 'o.deliverer_id', 'o.oprn_oprt_code', 'l.event_date') }}
