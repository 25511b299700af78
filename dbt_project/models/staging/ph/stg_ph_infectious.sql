{{ newest_version(
    feed='ph_infectious',
    key=['card_id'],
    columns=[
        'card_id',
        'org_code',
        'patient_key',
        'disease_code',
        'diag_time',
        'report_time',
        'deadline_hours',
        'revise_flag',
    ],
) }}
