{{ newest_version(
    feed='cfg_fee_point',
    key=['item_code'],
    columns=[
        'item_code',
        'work_rvu',
        'risk_rvu',
        'role_split',
    ],
) }}
