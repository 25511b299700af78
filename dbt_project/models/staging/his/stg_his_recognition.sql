{{ newest_version(
    feed='his_recognition',
    key=['rec_id'],
    columns=[
        'rec_id',
        'order_org',
        'patient_key',
        'item_code',
        'prior_report_id',
        'prior_org',
        'prior_time',
        'prompt_time',
        'accepted',
        'reject_reason',
        'saved_amount',
    ],
) }}
