-- In consolidated accounts what members earn from each other is what they pay to each other.
select
    month,
    unit_level,
    unit_id,
    remaining_internal_fen
from {{ ref('market_elimination') }}
where
    remaining_internal_fen <> 0
    or (unit_level = 'county' and (external_income_fen <> 0 or external_cost_fen <> 0))
