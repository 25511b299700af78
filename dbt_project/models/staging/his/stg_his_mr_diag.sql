{{ newest_version(
    feed='his_mr_diag',
    key=['org_code', 'visit_id', 'seq'],
    columns=[
        'visit_id',
        'seq',
        'diag_code',
        'diag_name',
        'poa',
        'diag_code_nhsa',
        'map_status',
        'org_code',
        'code_ver',
    ],
) }}
