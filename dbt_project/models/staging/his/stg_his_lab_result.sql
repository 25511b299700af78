{{ newest_version(
    feed='his_lab_result',
    key=['org_code', 'report_id', 'item_code'],
    columns=[
        'report_id',
        'item_code',
        'loinc',
        'item_name',
        'result_text',
        'result_num',
        'unit',
        'ref_low',
        'ref_high',
        'abnormal',
        'org_code',
    ],
) }}
