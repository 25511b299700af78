{{ newest_version(
    feed='his_op_register',
    key=['org_code', 'reg_no'],
    columns=[
        'org_code',
        'reg_no',
        'patient_key',
        'reg_time',
        'dept_code',
        'staff_id',
        'reg_type',
        'appoint_channel',
        'status',
    ],
) }}
