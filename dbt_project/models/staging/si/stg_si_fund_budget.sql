{{ newest_version(
    feed='si_fund_budget',
    key=['budget_id'],
    columns=[
        'budget_id',
        'alliance_id',
        'year',
        'insutype',
        'item_code',
        'amount',
        'insured_count',
        'basis_doc',
        'version',
        'effective_date',
    ],
) }}
