{#
  Visits and stays: what cannot be. One row per judged row and rule; the feed that sent the row answers for it.
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

parameter as (
    select max(value) as oldest_age_years
    from {{ ref('policy_quality_parameter') }}
    where parameter = 'oldest_age_years'
)

select
    'DISCHARGE_BEFORE_ADMISSION' as rule_id,
    'his_ip_stay' as feed,
    'discharge_time' as column_name,
    source_batch_id,
    source_file,
    source_line,
    discharge_time < admit_time as is_violated
from {{ ref('fct_inpatient_stay') }}
where
    discharge_time is not null
    and admit_time is not null
union all
select
    'AGE_IMPOSSIBLE' as rule_id,
    'his_op_visit' as feed,
    'visit_time' as column_name,
    v.source_batch_id,
    v.source_file,
    v.source_line,
    cast(substr(v.month, 1, 4) as integer) - p.birth_year not between 0 and a.oldest_age_years as is_violated
from {{ ref('fct_outpatient_visit') }} as v
inner join {{ ref('dim_patient') }} as p
    on v.patient_key = p.patient_key
cross join parameter as a
where
    p.birth_year is not null
    and v.month is not null
union all
select
    'SEX_AGAINST_DIAGNOSIS' as rule_id,
    'his_op_visit' as feed,
    'main_diag_code' as column_name,
    v.source_batch_id,
    v.source_file,
    v.source_line,
    (p.gender_code = '1' and {{ of_women('v.diagnosis_category') }})
    or (p.gender_code = '2' and {{ of_men('v.diagnosis_category') }}) as is_violated
from {{ ref('fct_outpatient_visit') }} as v
inner join {{ ref('dim_patient') }} as p
    on v.patient_key = p.patient_key
where
    p.gender_code in ('1', '2')
    and v.diagnosis_category is not null
union all
select
    'SEX_AGAINST_DIAGNOSIS' as rule_id,
    'his_mr_diag' as feed,
    'diag_code' as column_name,
    d.source_batch_id,
    d.source_file,
    d.source_line,
    (p.gender_code = '1' and {{ of_women('d.diagnosis_category') }})
    or (p.gender_code = '2' and {{ of_men('d.diagnosis_category') }}) as is_violated
from {{ ref('fct_inpatient_diagnosis') }} as d
inner join {{ ref('fct_inpatient_stay') }} as s
    on
        d.deliverer_id = s.deliverer_id
        and d.visit_id = s.visit_id
        and d.institution_id = s.institution_id
inner join {{ ref('dim_patient') }} as p
    on s.patient_key = p.patient_key
where
    p.gender_code in ('1', '2')
    and d.diagnosis_category is not null
union all
select
    'CANCELLED_WITH_CHARGES' as rule_id,
    'his_op_visit' as feed,
    'status' as column_name,
    v.source_batch_id,
    v.source_file,
    v.source_line,
    v.status <> '1' and coalesce(f.amount_fen, 0) > 0 as is_violated
from {{ ref('fct_outpatient_visit') }} as v
left join visit_fee as f
    on
        v.deliverer_id = f.deliverer_id
        and v.institution_id = f.institution_id
        and v.visit_id = f.visit_id
union all
select
    'LENGTH_OF_STAY_DIFFERS' as rule_id,
    'his_mr_front' as feed,
    'los_days' as column_name,
    source_batch_id,
    source_file,
    source_line,
    los_days <> greatest(1, {{ days_between('admit_date', 'disch_date') }}) as is_violated
from {{ ref('stg_his_mr_front') }}
where
    los_days is not null
    and admit_date is not null
    and disch_date is not null
union all
select
    'REPORT_BEFORE_SAMPLE' as rule_id,
    'his_lab_report' as feed,
    'report_time' as column_name,
    source_batch_id,
    source_file,
    source_line,
    report_time < collect_time as is_violated
from {{ ref('stg_his_lab_report') }}
where
    report_time is not null
    and collect_time is not null
union all
select
    'REPORT_BEFORE_EXAM' as rule_id,
    'his_exam_report' as feed,
    'report_time' as column_name,
    source_batch_id,
    source_file,
    source_line,
    report_time < exam_time as is_violated
from {{ ref('fct_exam') }}
where
    report_time is not null
    and exam_time is not null
union all
select
    'PARENT_UNCLEAR' as rule_id,
    'his_op_diag' as feed,
    'visit_id' as column_name,
    source_batch_id,
    source_file,
    source_line,
    institution_id is null as is_violated
from {{ ref('fct_outpatient_diagnosis') }}
union all
select
    'PARENT_UNCLEAR' as rule_id,
    'his_mr_diag' as feed,
    'visit_id' as column_name,
    source_batch_id,
    source_file,
    source_line,
    institution_id is null as is_violated
from {{ ref('fct_inpatient_diagnosis') }}
union all
select
    'PARENT_UNCLEAR' as rule_id,
    'his_mr_oper' as feed,
    'visit_id' as column_name,
    source_batch_id,
    source_file,
    source_line,
    institution_id is null as is_violated
from {{ ref('fct_inpatient_procedure') }}
union all
select
    'PARENT_UNCLEAR' as rule_id,
    'his_rx_item' as feed,
    'rx_no' as column_name,
    source_batch_id,
    source_file,
    source_line,
    institution_id is null as is_violated
from {{ ref('fct_prescription_item') }}
