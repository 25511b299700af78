{{ newest_version(
    feed='ph_death',
    key=['death_record_key'],
    columns=[
        'death_record_key',
        'id_card_key',
        'id_card_status',
        'gender',
        'birth_year',
        'death_date',
        'underlying_code',
        'addr_div',
    ],
) }}
