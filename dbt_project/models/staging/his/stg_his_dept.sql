{{ newest_version(
    feed='his_dept',
    key=['org_code', 'dept_code'],
    columns=[
        'org_code',
        'dept_code',
        'dept_name',
        'dept_std_code',
        'dept_type',
        'parent_dept_code',
        'cost_center',
        'ward_flag',
    ],
) }}
