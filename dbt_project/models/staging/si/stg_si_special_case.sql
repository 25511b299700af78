{{ newest_version(
    feed='si_special_case',
    key=['sc_id'],
    columns=[
        'sc_id',
        'setl_id',
        'reason',
        'result',
        'adj_amount',
    ],
) }}
