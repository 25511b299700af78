-- Grain: case_id.
-- Cases put forward for special review, whichever part of the stay was, and how it ended: one agreed request is enough.
-- Of several agreed for one settlement the newest counts; what was agreed for several parts is added up. REQ-140.
with request as (
    select
        r.*,
        p.case_id,
        row_number() over (
            partition by r.deliverer_id, r.settlement_id, r.is_agreed
            order by
                r.month desc nulls last,
                r.special_case_id desc nulls last
        ) as place
    from {{ ref('fct_special_case') }} as r
    inner join {{ ref('settlement_part') }} as p
        on
            r.deliverer_id = p.deliverer_id
            and r.settlement_id = p.settlement_id
)

select
    case_id,
    cast(count(*) as bigint) as requests,
    case
        when max(case when is_agreed then 1 else 0 end) = 1 then 'agreed'
        when max(case when is_agreed is null then 1 else 0 end) = 1 then 'pending'
        else 'refused'
    end as result,
    cast(sum(case when is_agreed and place = 1 then amount_fen end) as bigint) as adjustment_fen
from request
group by case_id
