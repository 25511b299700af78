{{ newest_version(
    feed='si_insured',
    key=['insurance_key', 'insured_month'],
    columns=[
        'insurance_key',
        'insutype',
        'insured_month',
        'insu_admdvs',
        'psn_type',
        'assist_flag',
        'birth_year',
        'gender',
        'resident_township',
        'alliance_id',
        'contract_org',
        'risk_score',
    ],
) }}
