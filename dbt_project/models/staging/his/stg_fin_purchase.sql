{{ newest_version(
    feed='fin_purchase',
    key=['po_line'],
    columns=[
        'po_line',
        'org_code',
        'item_code',
        'in_date',
        'qty',
        'amount',
        'essential_flag',
        'vbp_flag',
        'key_monitor_flag',
    ],
) }}
