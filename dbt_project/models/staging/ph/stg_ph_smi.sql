{{ newest_version(
    feed='ph_smi',
    key=['fu_id'],
    columns=[
        'fu_id',
        'ehr_key',
        'fu_date',
        'risk_level',
        'drug_adherence',
        'stable_flag',
        'exam_done',
    ],
) }}
