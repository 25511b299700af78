-- Grain: event_key.
-- Everything that can earn points: what it was, where and when, who had which part in it, and what its quality
-- gates will ask. An operation belongs to the day of the discharge, as its record does.
with staff as (
    select
        staff_key,
        min(staff_id) as staff_id
    from {{ ref('dim_staff_month') }}
    where staff_key is not null
    group by staff_key
),

service_item as (
    select
        {{ staff_event('service_item', {
            'deliverer_id': 'x.deliverer_id', 'event_id': 'x.fee_id', 'institution_id': 'x.institution_id',
            'department_code': 'coalesce(x.executing_department_code, e.department_code)',
            'ordering_department_code': 'coalesce(x.department_code, e.department_code)',
            'person_key': 'e.person_key', 'event_date': 'x.event_date', 'code': 'x.item_code', 'item_code': 'x.item_code',
            'item_class': 'x.item_type', 'quantity': 'x.quantity', 'points': 'p.points', 'role_split': 'p.role_split',
            'ordering_staff_id': 'x.staff_id', 'executing_staff_id': 'x.executing_staff_id'
        }, 'his_fee_detail') }}
    from {{ ref('fct_fee_line') }} as x
    left join {{ ref('fee_item_point') }} as p
        on
            x.deliverer_id = p.deliverer_id
            and x.item_code = p.item_code
    left join {{ ref('encounter') }} as e
        on
            x.deliverer_id = e.deliverer_id
            and x.institution_id = e.institution_id
            and x.visit_id = e.visit_id
    where
        x.item_terminology <> 'drug'
        and not coalesce(e.is_test_patient, false)
),

visit as (
    select
        {{ staff_event('visit', {
            'deliverer_id': 'x.deliverer_id', 'event_id': 'x.visit_id', 'institution_id': 'x.institution_id',
            'department_code': 'x.department_code', 'person_key': 'x.person_key', 'event_date': 'x.event_date',
            'code': 'x.visit_type', 'quantity': '1', 'physician_staff_id': 'x.staff_id'
        }, 'his_op_visit') }}
    from {{ ref('fct_outpatient_visit') }} as x
    where x.is_valid
),

operation as (
    select
        {{ staff_event('operation', {
            'deliverer_id': 'x.deliverer_id', 'event_id': "x.visit_id || '/' || cast(x.procedure_number as string)",
            'institution_id': 's.institution_id', 'department_code': 's.department_code', 'person_key': 's.person_key',
            'event_date': 's.event_date', 'code': 'x.procedure_level', 'quantity': '1', 'surgeon_staff_id': 'o.staff_id',
            'first_assistant_staff_id': 'a.staff_id', 'second_assistant_staff_id': 'b.staff_id',
            'anaesthetist_staff_id': 'n.staff_id'
        }, 'his_mr_oper') }}
    from {{ ref('fct_inpatient_procedure') }} as x
    inner join {{ ref('fct_inpatient_stay') }} as s
        on
            x.deliverer_id = s.deliverer_id
            and x.institution_id = s.institution_id
            and x.visit_id = s.visit_id
    left join staff as o
        on x.operator_key = o.staff_key
    left join staff as a
        on x.first_assistant_key = a.staff_key
    left join staff as b
        on x.second_assistant_key = b.staff_key
    left join staff as n
        on x.anaesthetist_key = n.staff_key
    where s.is_valid
),

contract_service as (
    select
        {{ staff_event('contract_service', {
            'deliverer_id': 'x.deliverer_id', 'event_id': 'x.service_id', 'institution_id': 'x.institution_id',
            'person_key': 'x.person_key', 'event_date': 'coalesce(cast(x.service_time as date), x.event_date)',
            'code': 'x.item_code', 'quantity': '1', 'is_done': "x.done_flag = '1' and x.service_time is not null",
            'physician_staff_id': 'x.serving_staff_id'
        }, 'ph_contract_service') }}
    from {{ ref('fct_contract_service') }} as x
),

pressure as (
    select
        {{ staff_event('follow_up', {
            'deliverer_id': 'x.deliverer_id', 'event_id': "'HTN/' || x.followup_id", 'institution_id': 'x.institution_id',
            'person_key': 'x.person_key', 'event_date': 'x.event_date', 'code': 'x.disease_code', 'quantity': '1',
            'is_measured': 'x.systolic_mmhg is not null and x.diastolic_mmhg is not null',
            'physician_staff_id': 'x.staff_id'
        }, 'ph_followup_htn') }}
    from {{ ref('fct_followup') }} as x
),

sugar as (
    select
        {{ staff_event('follow_up', {
            'deliverer_id': 'x.deliverer_id', 'event_id': "'DM2/' || x.followup_id", 'institution_id': 'x.institution_id',
            'person_key': 'x.person_key', 'event_date': 'x.event_date', 'code': 'x.disease_code', 'quantity': '1',
            'is_measured': 'coalesce(x.fasting_glucose_mmol, x.random_glucose_mmol) is not null',
            'physician_staff_id': 'x.staff_id'
        }, 'ph_followup_dm') }}
    from {{ ref('fct_followup_diabetes') }} as x
),

indicated as (
    select distinct
        month,
        code
    from {{ ref('policy_code') }}
    where code_set = 'up_indication_category'
),

referral_up as (
    select
        {{ staff_event('referral_up', {
            'deliverer_id': 'x.deliverer_id', 'event_id': 'x.referral_id', 'institution_id': 'x.institution_id',
            'person_key': 'x.person_key', 'event_date': 'x.event_date', 'code': 'x.severity', 'quantity': '1',
            'is_answered': 'x.feedback_time is not null and c.code is not null', 'physician_staff_id': 'x.staff_id'
        }, 'his_referral') }}
    from {{ ref('fct_referral') }} as x
    left join indicated as c
        on
            x.month = c.month
            and x.diagnosis_category = c.code
    where
        x.is_effective
        and x.direction = '1'
),

referral_down as (
    select
        {{ staff_event('referral_down', {
            'deliverer_id': 'x.deliverer_id', 'event_id': 'x.referral_id', 'institution_id': 'x.institution_id',
            'person_key': 'x.person_key', 'event_date': 'x.event_date', 'code': 'x.severity', 'quantity': '1',
            'is_arrived': 'true', 'days_to_return': 'o.days_to_return', 'days_to_followup': 'o.days_to_followup',
            'physician_staff_id': 'x.staff_id'
        }, 'his_referral') }}
    from {{ ref('fct_referral') }} as x
    inner join {{ ref('referral_outcome') }} as o
        on
            x.deliverer_id = o.deliverer_id
            and x.referral_id = o.referral_id
),

teleconsult as (
    select
        {{ staff_event('teleconsult', {
            'deliverer_id': 'x.deliverer_id', 'event_id': 'x.teleconsult_id', 'institution_id': 'x.institution_id',
            'person_key': 'x.person_key', 'event_date': 'x.event_date', 'code': 'x.service_type', 'quantity': '1',
            'is_reported': "x.status = '1' and x.report_time is not null", 'physician_staff_id': 'x.staff_id'
        }, 'his_teleconsult') }}
    from {{ ref('fct_teleconsult') }} as x
    where not x.is_test_patient
),

dispatch as (
    select
        {{ staff_event('dispatch', {
            'deliverer_id': 'x.deliverer_id', 'event_id': 'x.activity_id', 'institution_id': 'x.to_institution_id',
            'event_date': 'x.event_date', 'code': 'x.activity_type', 'quantity': '1', 'hours': 'x.activity_hours',
            'persons': 'coalesce(x.patients_served, 0) + coalesce(x.surgeries, 0) + coalesce(x.trainees, 0)',
            'is_proven': 'x.has_check_in and coalesce(x.patients_served, 0) + coalesce(x.surgeries, 0)'
                ~ ' + coalesce(x.trainees, 0) > 0',
            'physician_staff_id': 'x.staff_id'
        }, 'his_dispatch') }}
    from {{ ref('fct_support_activity') }} as x
),

event as (
    {%- for kind in [
        'service_item', 'visit', 'operation', 'contract_service', 'pressure', 'sugar', 'referral_up', 'referral_down',
        'teleconsult', 'dispatch'
    ] %}
    select * from {{ kind }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select
    event_kind || ' ' || deliverer_id || ' ' || coalesce(institution_id, '-') || ' ' || event_id as event_key,
    *
from event
