{{ newest_version(
    feed='his_equipment',
    key=['equip_id'],
    columns=[
        'equip_id',
        'org_code',
        'owner_org',
        'equip_class',
        'equip_name',
        'original_value',
        'buy_date',
        'service_years',
        'avail_hours_month',
        'status',
    ],
    snapshot=true,
) }}
