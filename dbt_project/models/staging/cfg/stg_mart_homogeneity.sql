{{ newest_version(
    feed='mart_homogeneity',
    key=['disease', 'measure', 'org_code', 'period'],
    columns=[
        'disease',
        'measure',
        'org_code',
        'period',
        'n_org',
        'rate_org',
        'rate_ref',
        'p_diff',
        'p_tost_low',
        'p_tost_up',
        'margin',
        'verdict',
    ],
) }}
