{{ newest_version(
    feed='ph_elderly_exam',
    key=['exam_no'],
    columns=[
        'exam_no',
        'ehr_key',
        'exam_date',
        'org_code',
        'self_care',
        'items_done',
        'complete_flag',
        'guidance',
    ],
) }}
