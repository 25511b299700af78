-- Grain: deliverer_id, settlement_id.
-- As a list stands now, and whether any version of it that was delivered had been sent back.
with sent_back as (
    select distinct
        e.institution_id as deliverer_id,
        e.setl_id
    from {{ incoming('conformed', 'si_settle_list') }} as e
    inner join {{ ref('stg_batch_outcome') }} as b
        on
            e.source_batch_id = b.batch_id
            and b.status = 'conformed'
            and b.standing = 'in_force'
    where
        e.reject_code is not null
        and e.month <= (select max(m.month) from {{ ref('dim_month') }} as m)
)

select
    s.deliverer_id,
    s.setl_id as settlement_id,
    s.mdtrt_id as insurance_visit_id,
    s.fixmedins_code as institution_id,
    {{ month_of('s.dscg_time') }} as month,
    cast(s.dscg_time as date) as event_date,
    s.setl_end_date as settled_until,
    s.hi_paymtd as payment_method_code,
    s.hi_type as insurance_type_code,
    s.adm_time is not null as is_inpatient,
    s.gend as sex_code,
    s.age as age_years,
    s.nwb_age as age_days,
    coalesce(s.nwb_bir_wt, s.nwb_adm_wt) as newborn_weight_g,
    s.act_ipt_days as inpatient_days,
    s.dscg_way as discharge_way_code,
    s.medfee_sumamt as total_fen,
    s.stas_type as upload_status,
    s.upload_time as uploaded_at,
    r.setl_id is not null as was_sent_back,
    coalesce(s.is_test, false) as is_test_patient,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('stg_si_settle_list') }} as s
left join sent_back as r
    on
        s.deliverer_id = r.deliverer_id
        and s.setl_id = r.setl_id
