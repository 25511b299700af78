{{ newest_version(
    feed='si_deduction',
    key=['ded_id'],
    columns=[
        'ded_id',
        'setl_id',
        'rule_code',
        'rule_name',
        'amount',
        'org_code',
        'dept_code',
        'doctor_code',
        'appeal_status',
        'final_amount',
    ],
) }}
