select
    month,
    community_id,
    insurance_type_code,
    insured_months,
    fund_fen,
    per_head_fen,
    standardised_per_head_fen,
    growth_rate
from {{ ref('fund_per_head') }}
