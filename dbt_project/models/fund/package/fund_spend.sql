-- Grain: month, known_month, community_id, insurance_type_code, place, component.
-- What the package paid, refunds taken off: by month of the settlement and month since which it is known. What is
-- nobody's is community '-' (REQ-142).
select
    month,
    {{ month_number_of("cast(month || '-01' as date)") }} as month_number,
    known_month,
    {{ month_number_of("cast(known_month || '-01' as date)") }} as known_month_number,
    community_id,
    insurance_type_code,
    place,
    component,
    count(*) as settlements,
    cast(sum(fund_fen) as bigint) as fund_fen,
    cast(sum(case when fund_fen < 0 then -fund_fen else 0 end) as bigint) as refunded_fen
from {{ ref('fund_spend_line') }}
where allocated_by <> 'insured_elsewhere'
group by
    month,
    known_month,
    community_id,
    insurance_type_code,
    place,
    component
