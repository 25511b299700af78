{{ newest_version(
    feed='ph_contract_service',
    key=['svc_id'],
    columns=[
        'svc_id',
        'contract_id',
        'item_code',
        'plan_date',
        'svc_time',
        'svc_staff',
        'svc_way',
        'done',
    ],
) }}
