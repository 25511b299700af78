-- Grain: deliverer_id, review_id.
select
    deliverer_id,
    rv_id as review_id,
    org_code as institution_id,
    delivery_month as month,
    period,
    rx_no as prescription_id,
    reviewer as reviewer_staff_id,
    result as review_result,
    issue_codes,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_his_rx_review') }}
