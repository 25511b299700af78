{{ newest_version(
    feed='cfg_internal_price',
    key=['service_code', 'version'],
    columns=[
        'service_code',
        'price',
        'split_json',
        'version',
    ],
) }}
