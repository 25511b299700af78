{{ newest_version(
    feed='si_settle_pay',
    key=['setl_id', 'fund_pay_type'],
    columns=[
        'setl_id',
        'fund_pay_type',
        'fund_payamt',
    ],
) }}
