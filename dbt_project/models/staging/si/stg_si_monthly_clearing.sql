{{ newest_version(
    feed='si_monthly_clearing',
    key=['fixmedins_code', 'period', 'clr_type'],
    columns=[
        'fixmedins_code',
        'period',
        'clr_type',
        'declared_fund',
        'audit_deduct',
        'quality_deposit',
        'prepaid',
        'paid_date',
    ],
) }}
