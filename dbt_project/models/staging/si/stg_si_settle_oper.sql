{{ newest_version(
    feed='si_settle_oper',
    key=['setl_id', 'seq'],
    columns=[
        'setl_id',
        'seq',
        'oprn_oprt_type',
        'oprn_oprt_code',
        'oprn_oprt_name',
        'oprn_oprt_begntime',
        'oprn_oprt_endtime',
        'anst_way',
        'oper_dr_code',
        'anst_dr_code',
    ],
) }}
