-- Grain: deliverer_id, institution_id, visit_id.
-- How difficult an inpatient case was: the weight of our own group, else of the delivered group. No money of the
-- case. Whoever has weights of his own puts them here, and nowhere else.
with delivered as (
    select
        deliverer_id,
        settlement_id,
        weight
    from (
        select
            deliverer_id,
            settlement_id,
            relative_weight as weight,
            row_number() over (
                partition by deliverer_id, settlement_id
                order by result_batch desc nulls last
            ) as place
        from {{ ref('fct_drg_result') }}
    ) as r
    where place = 1
),

weighted as (
    select
        c.institution_id,
        c.insurance_visit_id,
        max(coalesce(cast(g.weight as double), cast(d.weight as double))) as weight
    from {{ ref('casemix_case') }} as c
    left join {{ ref('casemix_group') }} as g
        on
            c.case_id = g.case_id
            and g.status = 'grouped'
    left join delivered as d
        on
            c.deliverer_id = d.deliverer_id
            and c.settlement_id = d.settlement_id
    where c.insurance_visit_id is not null
    group by
        c.institution_id,
        c.insurance_visit_id
)

select
    s.deliverer_id,
    s.institution_id,
    s.visit_id,
    s.month,
    s.staff_id,
    cast(round(w.weight, 6) as decimal(18, 6)) as weight
from {{ ref('fct_inpatient_stay') }} as s
inner join weighted as w
    on
        s.institution_id = w.institution_id
        and s.insurance_visit_id = w.insurance_visit_id
where
    s.is_valid
    and s.staff_id is not null
    and w.weight is not null
