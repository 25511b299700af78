{{ newest_version(
    feed='si_settle_opsp',
    key=['setl_id', 'diag_code'],
    columns=[
        'setl_id',
        'diag_name',
        'diag_code',
    ],
) }}
