{{ newest_version(
    feed='dq_results',
    key=['batch_id', 'rule_id'],
    columns=[
        'batch_id',
        'rule_id',
        'table_name',
        'checked',
        'failed',
        'due_at',
        'arrived_at',
    ],
) }}
