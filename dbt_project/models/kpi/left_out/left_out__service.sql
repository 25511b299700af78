-- Examinations, laboratory, recognition, questionnaires, suggestions, slots, prescriptions reviewed.
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
