{{ newest_version(
    feed='his_training',
    key=['train_id'],
    columns=[
        'train_id',
        'staff_id',
        'train_type',
        'host_org',
        'start_date',
        'end_date',
        'months',
        'voluntary',
        'passed',
    ],
) }}
