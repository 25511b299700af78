{{ newest_version(
    feed='ph_mobile_service',
    key=['task_id'],
    columns=[
        'task_id',
        'vehicle_no',
        'village_code',
        'svc_date',
        'visits',
        'items',
    ],
) }}
