{{ newest_version(
    feed='si_settle_diag',
    key=['setl_id', 'seq'],
    columns=[
        'setl_id',
        'seq',
        'diag_type',
        'diag_code',
        'diag_name',
        'adm_cond_type',
        'maindiag_flag',
    ],
) }}
