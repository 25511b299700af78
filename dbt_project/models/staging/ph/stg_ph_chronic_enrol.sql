{{ newest_version(
    feed='ph_chronic_enrol',
    key=['enrol_id'],
    columns=[
        'enrol_id',
        'ehr_key',
        'disease',
        'confirm_date',
        'enrol_date',
        'manage_org',
        'manage_level',
        'end_date',
        'end_reason',
    ],
) }}
