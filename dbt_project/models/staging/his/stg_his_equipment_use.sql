{{ newest_version(
    feed='his_equipment_use',
    key=['use_id'],
    columns=[
        'use_id',
        'equip_id',
        'exam_id',
        'begin_time',
        'end_time',
        'minutes',
        'source_org',
        'remote_flag',
    ],
) }}
