{{ newest_version(
    feed='led_allocation',
    key=['alloc_id'],
    columns=[
        'alloc_id',
        'level',
        'beneficiary_key',
        'amount',
        'basis_snap',
        'reversal_of',
    ],
) }}
