{{ newest_version(
    feed='his_timepoint',
    key=['tp_id'],
    columns=[
        'tp_id',
        'disease',
        'first_contact_org',
        'onset_time',
        'fmc_time',
        'ecg_time',
        'transfer_out_time',
        'door_time',
        'balloon_time',
    ],
) }}
