{{ newest_version(
    feed='his_complaint',
    key=['cp_id'],
    columns=[
        'cp_id',
        'source',
        'org_code',
        'category',
        'created_at',
        'closed_at',
        'adopted',
    ],
) }}
