{{ newest_version(
    feed='fin_payroll',
    key=['staff_key', 'period', 'pay_item'],
    columns=[
        'staff_key',
        'org_code',
        'period',
        'pay_item',
        'amount',
    ],
) }}
