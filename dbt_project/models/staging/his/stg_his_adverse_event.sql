{{ newest_version(
    feed='his_adverse_event',
    key=['ae_id'],
    columns=[
        'ae_id',
        'org_code',
        'visit_id',
        'ae_type',
        'occur_date',
        'severity',
        'reported_at',
    ],
) }}
