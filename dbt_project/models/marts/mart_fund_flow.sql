select
    month,
    community_id,
    insurance_type_code,
    component,
    care_level,
    settlements,
    persons,
    total_fen,
    fund_fen
from {{ ref('fund_flow') }}
