{{ newest_version(
    feed='ph_child',
    key=['child_id'],
    columns=[
        'child_id',
        'ehr_key',
        'birth_month',
        'newborn_visit_date',
        'visits_json',
        'eye_screen_date',
        'tcm_done',
        'systematic_flag',
    ],
) }}
