{{ newest_version(
    feed='si_annual_clearing',
    key=['fixmedins_code', 'year'],
    columns=[
        'fixmedins_code',
        'year',
        'total_points',
        'point_value',
        'due_amount',
        'prepaid_total',
        'assess_score',
        'deposit_return',
        'surplus_retain',
        'overspend_share',
        'final_payable',
    ],
) }}
