{{ newest_version(
    feed='his_rx_review',
    key=['rv_id'],
    columns=[
        'rv_id',
        'org_code',
        'period',
        'rx_no',
        'reviewer',
        'result',
        'issue_codes',
    ],
) }}
