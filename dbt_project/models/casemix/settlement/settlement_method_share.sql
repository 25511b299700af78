-- Grain: institution_id, month, care_kind, insurance, method.
-- How many cases, and how much of the funds, go which way; what is left to fee for service. REQ-150.
select
    institution_id,
    month,
    care_kind,
    insurance,
    coalesce(method, 'none') as method,
    cast(count(*) as bigint) as cases,
    cast(sum(case when is_as_listed = false then 1 else 0 end) as bigint) as listed_otherwise,
    cast(sum(total_fen) as bigint) as total_fen,
    cast(sum(fund_fen) as bigint) as fund_fen
from {{ ref('settlement_payment_method') }}
group by
    institution_id,
    month,
    care_kind,
    insurance,
    coalesce(method, 'none')
