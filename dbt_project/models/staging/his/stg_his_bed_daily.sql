{{ newest_version(
    feed='his_bed_daily',
    key=['org_code', 'dept_code', 'stat_date'],
    columns=[
        'org_code',
        'dept_code',
        'stat_date',
        'open_beds',
        'extra_beds',
        'occupied_beds',
        'admissions',
        'discharges',
        'transfers_in',
        'transfers_out',
        'deaths',
    ],
) }}
