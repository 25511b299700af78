-- Grain: deliverer_id, settlement_id.
-- Lists of stays as their rules look at them: the row itself and what its parts add up to. Test patients are left out.
with diagnosis as (
    select
        deliverer_id,
        settlement_id,
        count(*) as diagnoses,
        sum(case when is_principal then 1 else 0 end) as principal_diagnoses,
        count(*) - count(distinct diagnosis_code || ' ' || coalesce(diagnosis_type, '')) as doubled_diagnoses,
        max(case when is_principal then diagnosis_code end) as principal_diagnosis_code
    from {{ ref('fct_settlement_list_diagnosis') }}
    where coalesce(diagnosis_type, '') <> '3'
    group by
        deliverer_id,
        settlement_id
),

procedure as (
    select
        deliverer_id,
        settlement_id,
        count(*) as procedures,
        count(*) - count(distinct procedure_code || ' ' || coalesce(cast(begin_time as string), ''))
            as doubled_procedures,
        min(cast(begin_time as date)) as first_procedure_date,
        max(cast(begin_time as date)) as last_procedure_date
    from {{ ref('fct_settlement_list_procedure') }}
    group by
        deliverer_id,
        settlement_id
),

fee as (
    select
        deliverer_id,
        settlement_id,
        sum(amount_fen) as fees_fen
    from {{ ref('fct_settlement_fee_category') }}
    group by
        deliverer_id,
        settlement_id
),

payment as (
    select
        deliverer_id,
        settlement_id,
        sum(amount_fen) as funds_fen
    from {{ ref('fct_settlement_payment') }}
    group by
        deliverer_id,
        settlement_id
)

select
    l.deliverer_id,
    l.settlement_id,
    l.insurance_visit_id,
    l.institution_id,
    l.month,
    l.event_date,
    s.bill_code,
    s.bill_no,
    s.chfpdr_code as physician_code,
    s.resp_nurs_code as nurse_code,
    s.dscg_way as discharge_way,
    s.dscg_caty as department_code,
    s.adm_time as admitted_at,
    s.dscg_time as discharged_at,
    s.act_ipt_days as stated_days,
    s.diag_code_cnt as stated_diagnoses,
    s.oprn_oprt_code_cnt as stated_procedures,
    s.setl_begn_date as settled_from,
    s.setl_end_date as settled_until,
    l.age_days,
    l.newborn_weight_g,
    l.total_fen,
    s.psn_selfpay + s.psn_ownpay as personal_fen,
    t.total_fen as settlement_fen,
    coalesce(d.diagnoses, 0) as diagnoses,
    cast(coalesce(d.principal_diagnoses, 0) as bigint) as principal_diagnoses,
    coalesce(d.doubled_diagnoses, 0) as doubled_diagnoses,
    d.principal_diagnosis_code,
    coalesce(p.procedures, 0) as procedures,
    coalesce(p.doubled_procedures, 0) as doubled_procedures,
    p.first_procedure_date,
    p.last_procedure_date,
    cast(f.fees_fen as bigint) as fees_fen,
    cast(y.funds_fen as bigint) as funds_fen,
    g.reason as not_grouped_because,
    coalesce(l.upload_status, '0') in ('1', '2') or l.was_sent_back as is_uploaded,
    l.upload_status = '1' and not l.was_sent_back as is_first_pass,
    l.source_batch_id,
    l.source_file,
    l.source_line
from {{ ref('fct_settlement_list') }} as l
inner join {{ ref('stg_si_settle_list') }} as s
    on
        l.deliverer_id = s.deliverer_id
        and l.settlement_id = s.setl_id
left join {{ ref('fct_settlement') }} as t
    on
        l.deliverer_id = t.deliverer_id
        and l.settlement_id = t.settlement_id
left join diagnosis as d
    on
        l.deliverer_id = d.deliverer_id
        and l.settlement_id = d.settlement_id
left join procedure as p
    on
        l.deliverer_id = p.deliverer_id
        and l.settlement_id = p.settlement_id
left join fee as f
    on
        l.deliverer_id = f.deliverer_id
        and l.settlement_id = f.settlement_id
left join payment as y
    on
        l.deliverer_id = y.deliverer_id
        and l.settlement_id = y.settlement_id
left join {{ ref('casemix_group') }} as g
    on l.deliverer_id || ' ' || l.settlement_id = g.case_id
where
    l.is_inpatient
    and not l.is_test_patient
