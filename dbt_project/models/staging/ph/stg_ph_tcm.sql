{{ newest_version(
    feed='ph_tcm',
    key=['tcm_no'],
    columns=[
        'tcm_no',
        'ehr_key',
        'target',
        'svc_date',
        'constitution',
        'guidance',
    ],
) }}
