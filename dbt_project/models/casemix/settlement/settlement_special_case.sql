-- Grain: case_id.
-- Cases put forward for special review, and how it ended: one agreed request is enough. REQ-140.
select
    deliverer_id || ' ' || settlement_id as case_id,
    cast(count(*) as bigint) as requests,
    case
        when max(case when is_agreed then 1 else 0 end) = 1 then 'agreed'
        when max(case when is_agreed is null then 1 else 0 end) = 1 then 'pending'
        else 'refused'
    end as result,
    cast(sum(case when is_agreed then amount_fen end) as bigint) as adjustment_fen
from {{ ref('fct_special_case') }}
group by
    deliverer_id,
    settlement_id
