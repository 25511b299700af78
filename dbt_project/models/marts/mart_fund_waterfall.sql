select
    month,
    budget_year,
    community_id,
    insurance_type_code,
    step_number,
    step,
    kind,
    amount_fen
from {{ ref('fund_waterfall') }}
