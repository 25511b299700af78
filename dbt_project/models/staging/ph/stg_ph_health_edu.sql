{{ newest_version(
    feed='ph_health_edu',
    key=['edu_id'],
    columns=[
        'edu_id',
        'org_code',
        'act_type',
        'act_date',
        'participants',
    ],
) }}
