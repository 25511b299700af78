select
    month,
    budget_year,
    community_id,
    insurance_type_code,
    scheme,
    annual_fen,
    told_fen,
    difference_fen
from {{ ref('fund_share_scheme') }}
