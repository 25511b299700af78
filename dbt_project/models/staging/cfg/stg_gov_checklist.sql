{{ newest_version(
    feed='gov_checklist',
    key=['alliance_id', 'item_id', 'period'],
    columns=[
        'item_id',
        'alliance_id',
        'period',
        'category',
        'achieved',
        'evidence_doc',
    ],
) }}
