{{ newest_version(
    feed='led_audit',
    key=['evt_id'],
    columns=[
        'evt_id',
        'actor',
        'action',
        'object',
        'purpose',
        'row_count',
        'event_at',
        'prev_hash',
        'hash',
    ],
) }}
