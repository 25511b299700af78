{{ newest_version(
    feed='si_settle_icu',
    key=['setl_id', 'scs_cutd_ward_type', 'scs_cutd_inpool_time'],
    columns=[
        'setl_id',
        'scs_cutd_ward_type',
        'scs_cutd_inpool_time',
        'scs_cutd_exit_time',
        'scs_cutd_sum_dura',
    ],
) }}
