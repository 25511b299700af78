{{ newest_version(
    feed='ph_maternal',
    key=['preg_id'],
    columns=[
        'preg_id',
        'ehr_key',
        'lmp',
        'register_date',
        'register_weeks',
        'prenatal_visits',
        'high_risk',
        'delivery_date',
        'delivery_org',
        'live_births',
        'postpartum_visit_date',
        'postpartum_42d_date',
    ],
) }}
