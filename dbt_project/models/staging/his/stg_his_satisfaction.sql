{{ newest_version(
    feed='his_satisfaction',
    key=['sv_id'],
    columns=[
        'sv_id',
        'org_code',
        'respondent',
        'visit_id',
        'channel',
        'answer_time',
        'device_hash',
        'q_scores',
        'overall',
    ],
) }}
