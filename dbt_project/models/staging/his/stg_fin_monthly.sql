{{ newest_version(
    feed='fin_monthly',
    key=['org_code', 'period', 'acct_code'],
    columns=[
        'org_code',
        'period',
        'acct_code',
        'acct_name',
        'amount',
        'budget',
        'carry_adjust',
    ],
) }}
