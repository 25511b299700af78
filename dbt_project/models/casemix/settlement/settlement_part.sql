-- Grain: deliverer_id, settlement_id.
-- The settlements that a case is made of, counted from its end: those of the stay or visit that stand. What an insurer
-- delivers is about one of them, not always about the last. Refunds, and what they took back, are no part.
with refunded as (
    {{ refunded_settlements() }}
)

select
    s.deliverer_id,
    s.settlement_id,
    c.case_id,
    cast(row_number() over (
        partition by s.deliverer_id, s.insurance_visit_id
        order by
            s.settled_at desc nulls last,
            s.settlement_id desc nulls last
    ) as bigint) as place_from_end
from {{ ref('fct_settlement') }} as s
inner join {{ ref('settlement_case') }} as c
    on
        s.deliverer_id = c.deliverer_id
        and s.insurance_visit_id = c.insurance_visit_id
left join refunded as r
    on
        s.deliverer_id = r.deliverer_id
        and s.settlement_id = r.settlement_id
where
    s.settlement_count > 0
    and r.settlement_id is null
