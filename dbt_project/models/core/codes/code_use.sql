{#
  Where codes are used: rows and money by feed, institution, month and code. The money of a diagnosis or procedure is the
  charges of the visit or stay whose principal code it is, so that money adds up; of an item its own amount.
#}
with visit_fee as (
    select
        deliverer_id,
        institution_id,
        visit_id,
        sum(amount_fen) as amount_fen
    from {{ ref('fct_fee_line') }}
    group by
        deliverer_id,
        institution_id,
        visit_id
),

visit_code as (
    select
        'his_op_visit' as feed,
        'diagnosis' as terminology,
        v.deliverer_id,
        v.institution_id,
        v.month,
        v.diagnosis_code as source_code,
        v.code_method,
        v.code_map_status,
        v.visit_id,
        true as is_principal
    from {{ ref('fct_outpatient_visit') }} as v
    union all
    select
        'his_op_diag' as feed,
        'diagnosis' as terminology,
        d.deliverer_id,
        d.institution_id,
        d.month,
        d.diagnosis_code as source_code,
        d.code_method,
        d.code_map_status,
        d.visit_id,
        d.diagnosis_number = 1 as is_principal
    from {{ ref('fct_outpatient_diagnosis') }} as d
    union all
    select
        'his_mr_diag' as feed,
        'diagnosis' as terminology,
        d.deliverer_id,
        d.institution_id,
        d.month,
        d.diagnosis_code as source_code,
        d.code_method,
        d.code_map_status,
        d.visit_id,
        d.is_principal
    from {{ ref('fct_inpatient_diagnosis') }} as d
    union all
    select
        'his_mr_oper' as feed,
        'procedure' as terminology,
        p.deliverer_id,
        p.institution_id,
        p.month,
        p.procedure_code as source_code,
        p.code_method,
        p.code_map_status,
        p.visit_id,
        p.procedure_number = 1 as is_principal
    from {{ ref('fct_inpatient_procedure') }} as p
),

used as (
    select
        c.feed,
        c.terminology,
        c.deliverer_id,
        c.institution_id,
        c.month,
        c.source_code,
        c.code_method,
        c.code_map_status,
        case when c.is_principal then f.amount_fen end as amount_fen
    from visit_code as c
    left join visit_fee as f
        on
            c.deliverer_id = f.deliverer_id
            and c.institution_id = f.institution_id
            and c.visit_id = f.visit_id
    union all
    select
        'si_out_of_county' as feed,
        'diagnosis' as terminology,
        s.deliverer_id,
        s.deliverer_id as institution_id,
        s.month,
        s.diagnosis_code as source_code,
        s.code_method,
        s.code_map_status,
        s.total_fen as amount_fen
    from {{ ref('fct_out_of_county_settlement') }} as s
    union all
    select
        'si_settle_diag' as feed,
        'diagnosis' as terminology,
        d.deliverer_id,
        s.institution_id,
        coalesce(s.month, d.delivery_month) as month,
        d.diag_code as source_code,
        {{ code_outcome() }},
        case when d.maindiag_flag = '1' then s.total_fen end as amount_fen
    from {{ ref('stg_si_settle_diag') }} as d
    {{ named_settlement('d') }}
    {{ translate_code('si_settle_diag', 'diagnosis', 'd.deliverer_id', 'd.diag_code', 's.event_date') }}
    where coalesce(d.diag_type, '1') in ('1', '2')
    union all
    select
        'si_settle_oper' as feed,
        'procedure' as terminology,
        d.deliverer_id,
        s.institution_id,
        coalesce(s.month, d.delivery_month) as month,
        d.oprn_oprt_code as source_code,
        {{ code_outcome() }},
        case when d.oprn_oprt_type = '1' then s.total_fen end as amount_fen
    from {{ ref('stg_si_settle_oper') }} as d
    {{ named_settlement('d') }}
    {{ translate_code('si_settle_oper', 'procedure', 'd.deliverer_id', 'd.oprn_oprt_code', 's.event_date') }}
    union all
    select
        'his_rx_item' as feed,
        'drug' as terminology,
        i.deliverer_id,
        i.institution_id,
        i.month,
        i.drug_code as source_code,
        i.code_method,
        case when i.normalised_item_code is null then '3' else '1' end as code_map_status,
        i.amount_fen
    from {{ ref('fct_prescription_item') }} as i
    union all
    select
        'his_fee_detail' as feed,
        f.item_terminology as terminology,
        f.deliverer_id,
        f.institution_id,
        f.month,
        f.item_code as source_code,
        f.code_method,
        case when f.normalised_item_code is null then '3' else '1' end as code_map_status,
        f.amount_fen
    from {{ ref('fct_fee_line') }} as f
)

select
    u.feed,
    u.terminology,
    u.deliverer_id,
    coalesce(u.institution_id, u.deliverer_id) as institution_id,
    u.month,
    u.source_code,
    u.code_method,
    u.code_map_status,
    count(*) as rows,
    cast(coalesce(sum(u.amount_fen), 0) as bigint) as amount_fen
from used as u
where
    u.source_code is not null
    and u.month is not null
group by
    u.feed,
    u.terminology,
    u.deliverer_id,
    coalesce(u.institution_id, u.deliverer_id),
    u.month,
    u.source_code,
    u.code_method,
    u.code_map_status
