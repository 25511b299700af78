{{ newest_version(
    feed='fin_internal_txn',
    key=['txn_id'],
    columns=[
        'txn_id',
        'service_code',
        'provider_org',
        'consumer_org',
        'ref_table',
        'ref_id',
        'qty',
        'price',
        'amount',
        'price_ver',
        'confirm_provider',
        'confirm_consumer',
        'status',
    ],
) }}
