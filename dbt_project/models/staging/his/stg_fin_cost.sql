{{ newest_version(
    feed='fin_cost',
    key=['org_code', 'dept_code', 'cost_item', 'cost_layer', 'period'],
    columns=[
        'org_code',
        'dept_code',
        'cost_item',
        'cost_layer',
        'period',
        'amount',
    ],
) }}
