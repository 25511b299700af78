-- Grain: deliverer_id, review_id.
select
    deliverer_id,
    mv_id as review_id,
    org_code as institution_id,
    delivery_month as month,
    period,
    visit_id,
    score as review_score,
    grade as review_grade,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_his_mr_review') }}
