{{ newest_version(
    feed='his_pathway',
    key=['pw_id'],
    columns=[
        'pw_id',
        'visit_id',
        'pathway_code',
        'version_kind',
        'enter_time',
        'exit_time',
        'result',
        'variance_code',
    ],
) }}
