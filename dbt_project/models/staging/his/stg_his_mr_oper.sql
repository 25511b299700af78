{{ newest_version(
    feed='his_mr_oper',
    key=['org_code', 'visit_id', 'seq'],
    columns=[
        'visit_id',
        'seq',
        'oper_code',
        'oper_name',
        'oper_date',
        'oper_level',
        'anes_way',
        'incision',
        'minimally_invasive',
        'complication',
        'oper_code_nhsa',
        'org_code',
        'code_ver',
    ],
) }}
