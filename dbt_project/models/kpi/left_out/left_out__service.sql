-- Examinations, laboratory, recognition, questionnaires, suggestions, slots, prescriptions reviewed, remote services.
{{ left_out(
    'exam_ordered', 'his_exam_report', 'fct_exam',
    {'test_patient': 'e.is_test_patient', 'other_kind': 'c.code is null'},
    institution='e.ordering_institution_id',
    codes={'c': ['e.modality', 'large_exam_modality']},
) }}

union all

{{ left_out(
    'exam_performed', 'his_exam_report', 'fct_exam',
    {'test_patient': 'e.is_test_patient', 'other_kind': 'c.code is null'},
    codes={'c': ['e.modality', 'large_exam_modality']},
) }}

union all

{{ left_out(
    'lab', 'his_lab_report', 'fct_lab_report',
    {'test_patient': 'e.is_test_patient'},
    institution='e.ordering_institution_id',
) }}

union all

{{ left_out(
    'recognition', 'his_recognition', 'fct_recognition',
    {
        'test_patient': 'e.is_test_patient',
        'exempt_reason': 'not coalesce(e.is_accepted, false) and c.code is not null',
    },
    codes={'c': ['e.reject_reason', 'recognition_exempt_reason']},
) }}

union all

{{ left_out('ai_result', 'his_ai_result', 'fct_ai_result', {'test_patient': 'e.is_test_patient'}) }}

union all

{{ left_out(
    'unasked_recognition', 'his_exam_report', 'fct_exam',
    {'test_patient': 'e.is_test_patient', 'nothing_at_hand': 'k.source_line is null'},
    institution='e.ordering_institution_id',
    counted=true,
) }}

union all

{{ left_out(
    'unasked_recognition', 'his_lab_report', 'fct_lab_report',
    {'test_patient': 'e.is_test_patient', 'nothing_at_hand': 'k.source_line is null'},
    institution='e.ordering_institution_id',
    counted=true,
) }}

union all

{{ left_out(
    'satisfaction', 'his_satisfaction', 'fct_satisfaction',
    {'other_kind': 'c.code is null'},
    codes={'c': ['e.respondent_type', 'satisfaction_respondent', 'staff_satisfaction_respondent']},
) }}

union all

{{ left_out(
    'suggestion', 'his_complaint', 'fct_complaint',
    {'other_kind': 'c.code is null', 'not_closed': 'e.closed_date is null'},
    codes={'c': ['e.complaint_source', 'suggestion_source']},
) }}

union all

{{ left_out(
    'slot', 'his_slot', 'fct_slot',
    {
        'other_kind': "coalesce(e.slot_type, '0') <> '2'",
        'void': "coalesce(e.status, '4') = '4'",
    },
) }}

union all

{{ left_out(
    'prescription_review', 'his_rx_review', 'fct_prescription_review',
    {'test_patient': 'k.source_line is null'},
    day='m.last_day',
    counted=true,
) }}

union all

{% call left_out(
    'remote_service', 'his_exam_report', 'fct_exam',
    {
        'test_patient': 'e.is_test_patient',
        'other_tier': 'not coalesce(i.is_primary_care, false)',
        'other_kind': 'c.code is null',
        'read_here': 'k.source_line is null',
    },
    codes={'c': ['e.modality', 'remote_reading_modality']},
    counted=true,
) %}
left join {{ ref('dim_institution') }} as i
    on e.institution_id = i.institution_id
{% endcall %}

union all

{% call left_out(
    'remote_service', 'his_teleconsult', 'fct_teleconsult',
    {
        'test_patient': 'e.is_test_patient',
        'void': "coalesce(e.status, '2') = '2' or e.report_time is null",
        'other_tier': 'not coalesce(i.is_primary_care, false)',
        'other_kind': 'k.source_line is null',
    },
    institution='e.asking_institution_id',
    counted=true,
) %}
left join {{ ref('dim_institution') }} as i
    on e.asking_institution_id = i.institution_id
{% endcall %}

union all

{% call left_out(
    'village_ecg', 'his_teleconsult', 'fct_teleconsult',
    {
        'test_patient': 'e.is_test_patient',
        'other_kind': 'c.code is null',
        'void': "coalesce(e.status, '2') = '2'",
        'no_village': 'd.division_code is null',
        'not_first': 'k.source_line is null',
    },
    institution='e.asking_institution_id',
    codes={'c': ['e.service_type', 'village_ecg_type']},
    counted=true,
) %}
left join (select distinct n.division_code from {{ ref('fct_population') }} as n) as d
    on e.village_code = d.division_code
{% endcall %}
