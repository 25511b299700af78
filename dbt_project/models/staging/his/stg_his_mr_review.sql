{{ newest_version(
    feed='his_mr_review',
    key=['mv_id'],
    columns=[
        'mv_id',
        'org_code',
        'period',
        'visit_id',
        'score',
        'grade',
    ],
) }}
