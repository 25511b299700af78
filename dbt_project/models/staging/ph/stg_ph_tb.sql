{{ newest_version(
    feed='ph_tb',
    key=['tb_id'],
    columns=[
        'tb_id',
        'ehr_key',
        'notify_date',
        'first_visit_date',
        'due_doses',
        'taken_doses',
        'end_date',
    ],
) }}
