{{ newest_version(
    feed='his_ai_result',
    key=['ai_id'],
    columns=[
        'ai_id',
        'exam_id',
        'model_ver',
        'upload_time',
        'result_time',
        'ai_result',
        'final_result',
    ],
) }}
