{{ newest_version(
    feed='his_bill',
    key=['org_code', 'bill_no'],
    columns=[
        'org_code',
        'bill_no',
        'settle_id',
        'visit_id',
        'settle_time',
        'total_amount',
        'fund_amount',
        'acct_amount',
        'cash_amount',
        'settle_kind',
        'ref_settle_id',
        'msettle_id',
    ],
) }}
