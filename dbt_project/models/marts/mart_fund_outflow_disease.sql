select
    month,
    community_id,
    diagnosis_category,
    outside_cases,
    outside_persons,
    outside_fund_fen,
    county_cases,
    is_treated_here,
    returnable_fund_fen,
    fund_if_here_fen
from {{ ref('fund_outflow_disease') }}
