{{ newest_version(
    feed='cfg_target',
    key=['org_code', 'kpi_id', 'year'],
    columns=[
        'org_code',
        'kpi_id',
        'year',
        'baseline',
        'target',
        'challenge',
        'weight',
    ],
) }}
