-- Grain: deliverer_id, institution_id, graded_year.
select
    deliverer_id,
    org_code as institution_id,
    year as graded_year,
    delivery_month as month,
    standard_level,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_gov_accreditation') }}
