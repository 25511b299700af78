{{ newest_version(
    feed='si_out_of_county',
    key=['setl_id'],
    columns=[
        'setl_id',
        'insurance_key',
        'mdtrt_admdvs',
        'dest_level',
        'fixmedins_name',
        'med_type',
        'setl_time',
        'main_diag_code',
        'drg_code',
        'medfee_sumamt',
        'fund_pay_sumamt',
        'referral_filed',
        'manual_flag',
    ],
) }}
