{{ newest_version(
    feed='mart_kpi',
    key=['org_code', 'kpi_id', 'period'],
    columns=[
        'org_code',
        'kpi_id',
        'period',
        'numerator',
        'denominator',
        'value',
        'score',
        'mature_flag',
        'snap_id',
    ],
) }}
