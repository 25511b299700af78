{{ newest_version(
    feed='his_ip_order',
    key=['org_code', 'order_id'],
    columns=[
        'org_code',
        'order_id',
        'visit_id',
        'order_type',
        'order_class',
        'item_code',
        'item_name',
        'dose',
        'freq',
        'start_time',
        'stop_time',
        'staff_id',
        'status',
    ],
) }}
