-- Grain: deliverer_id, stated_institution_id, report_id, item_code.
-- A row that names no institution belongs to the only report of that number with the same deliverer: villages of one
-- township may number alike, and nothing is given to the wrong one. The result in words stays in staging.
with report as (
    select
        deliverer_id,
        report_id,
        institution_id,
        ordering_institution_id,
        ordering_department_code,
        month,
        event_date,
        person_key,
        is_test_patient,
        count(*) over (partition by deliverer_id, report_id) = 1 as is_only
    from {{ ref('fct_lab_report') }}
),

addressed as (
    {{ named_or_only('report') }}
)

select
    l.deliverer_id,
    coalesce(l.org_code, l.deliverer_id) as stated_institution_id,
    l.report_id,
    l.item_code,
    r.institution_id,
    r.ordering_institution_id,
    r.ordering_department_code,
    r.month,
    r.event_date,
    r.person_key,
    l.loinc as loinc_code,
    l.result_num as result_number,
    l.unit as result_unit,
    l.ref_low as reference_low,
    l.ref_high as reference_high,
    l.abnormal as abnormal_flag,
    coalesce(r.is_test_patient, false) as is_test_patient,
    l.source_batch_id,
    l.source_file,
    l.source_line
from {{ ref('stg_his_lab_result') }} as l
left join addressed as r
    on
        l.deliverer_id = r.deliverer_id
        and l.report_id = r.report_id
        and coalesce(l.org_code, '') = r.named_as
