{{ newest_version(
    feed='his_slot',
    key=['slot_id'],
    columns=[
        'slot_id',
        'org_code',
        'dept_code',
        'staff_id',
        'slot_type',
        'slot_time',
        'channel',
        'released_at',
        'booked_org',
        'status',
    ],
) }}
