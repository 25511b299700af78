{{ newest_version(
    feed='si_settle_fee_item',
    key=['setl_id', 'med_chrgitm'],
    columns=[
        'setl_id',
        'med_chrgitm',
        'amt',
        'claa_sumfee',
        'clab_amt',
        'fulamt_ownpay_amt',
        'oth_amt',
    ],
) }}
