{{ newest_version(
    feed='his_rx',
    key=['org_code', 'rx_no'],
    columns=[
        'org_code',
        'rx_no',
        'visit_id',
        'staff_id',
        'rx_time',
        'rx_type',
        'rx_days',
        'long_rx_flag',
        'rx_amount',
        'audit_staff',
        'audit_result',
        'status',
    ],
) }}
