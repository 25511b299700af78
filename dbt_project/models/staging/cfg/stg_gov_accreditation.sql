{{ newest_version(
    feed='gov_accreditation',
    key=['org_code', 'year'],
    columns=[
        'org_code',
        'year',
        'standard_level',
        'doc_no',
    ],
) }}
