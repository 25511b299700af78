{{ newest_version(
    feed='gov_meeting',
    key=['meet_id'],
    columns=[
        'meet_id',
        'body',
        'meet_date',
        'major_items',
        'member_participated',
        'resolution_no',
    ],
) }}
