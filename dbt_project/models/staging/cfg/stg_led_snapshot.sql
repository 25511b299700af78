{{ newest_version(
    feed='led_snapshot',
    key=['snap_id', 'org_code'],
    columns=[
        'snap_id',
        'org_code',
        'payload_json',
        'prev_hash',
        'hash',
        'approved_by',
    ],
) }}
