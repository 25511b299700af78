{{ newest_version(
    feed='his_staff_assignment',
    key=['assign_id'],
    columns=[
        'assign_id',
        'staff_id',
        'from_org',
        'to_org',
        'assign_type',
        'position',
        'start_date',
        'end_date',
        'days_in_year',
        'title_at_assign',
        'evidence_type',
    ],
) }}
