{{ newest_version(
    feed='his_dispatch',
    key=['act_id'],
    columns=[
        'act_id',
        'staff_id',
        'from_org',
        'to_org',
        'act_type',
        'act_date',
        'hours',
        'patients_served',
        'surgeries',
        'tech_code',
        'trainees',
        'checkin_geo',
    ],
) }}
