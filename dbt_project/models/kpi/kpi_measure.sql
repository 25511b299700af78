{% set subjects = [
    'account',
    'adverse_event',
    'attending_physician',
    'balance',
    'bed_day',
    'child',
    'chronic_patient',
    'clearing',
    'contract',
    'contract_service',
    'critical_value',
    'deduction',
    'delivery',
    'elderly_exam',
    'equipment',
    'exam_ordered',
    'exam_performed',
    'first_contact',
    'governance_item',
    'governance_meeting',
    'health_record',
    'indicated_case',
    'infection_report',
    'insured_case',
    'insured_month',
    'insured_payment',
    'key_group',
    'lab',
    'member',
    'mobile_service',
    'operation',
    'payroll',
    'physician_workday',
    'population',
    'post',
    'posting',
    'prescription_review',
    'purchase',
    'recognition',
    'record_review',
    'referral_received',
    'referral_request',
    'referral_sent',
    'remote_service',
    'satisfaction',
    'settlement',
    'settlement_list',
    'slot',
    'staff',
    'stay',
    'suggestion',
    'support',
    'tb_course',
    'tcm_service',
    'teleservice',
    'timepoint',
    'township_grade',
    'unasked_recognition',
    'vaccination',
    'village_ecg',
    'visit',
] %}
-- What the events of a month add to each measure: per institution and community, and per department and member of staff
-- where the events name them. Those add up to the institution: what has no department or nobody keeps a row of its own.
select
    subject,
    measure,
    month,
    unit_level,
    case
        when unit_level = 'institution' then institution_id
        when unit_level = 'department' then institution_id || '/' || coalesce(department_code, '-')
        else institution_id || '/' || coalesce(staff_id, '-')
    end as unit_id,
    institution_id,
    community_id,
    department_code,
    staff_id,
    amount,
    sample_size
from (
    {% for subject in subjects %}
    {{ summed_measures(subject, ref('kpi_evidence__' ~ subject)) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
) as every_subject
where amount is not null
