{{ newest_version(
    feed='ph_immunisation',
    key=['vac_id'],
    columns=[
        'vac_id',
        'immunisation_key',
        'vaccine_code',
        'dose_no',
        'due_date',
        'vac_date',
        'org_code',
        'batch_no',
        'contra_flag',
    ],
) }}
