{{ newest_version(
    feed='fin_balance',
    key=['org_code', 'period'],
    columns=[
        'org_code',
        'period',
        'total_assets',
        'total_liab',
        'current_assets',
        'current_liab',
        'insurance_receivable',
        'energy_cost',
    ],
) }}
