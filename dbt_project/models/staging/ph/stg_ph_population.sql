{{ newest_version(
    feed='ph_population',
    key=['admin_div', 'year', 'age_group', 'gender'],
    columns=[
        'admin_div',
        'year',
        'age_group',
        'gender',
        'resident_pop',
        'hukou_pop',
        'caliber_source',
    ],
) }}
