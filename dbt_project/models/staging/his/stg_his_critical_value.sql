{{ newest_version(
    feed='his_critical_value',
    key=['cv_id'],
    columns=[
        'cv_id',
        'report_id',
        'found_time',
        'notify_time',
        'ack_time',
        'handle_time',
    ],
) }}
