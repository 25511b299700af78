-- Grain: month, institution_id, department_code.
-- An institution's money by the work of its departments. Where nobody has any work the money stays with the
-- institution.
-- Source: methods H.3; REQ-185.
with worked as (
    select
        p.community_id,
        p.month,
        p.institution_id,
        p.amount_fen as institution_fen,
        w.department_code,
        sum(w.weight) as weight
    from {{ ref('pool_institution') }} as p
    inner join {{ ref('pool_work') }} as w
        on
            p.month = w.month
            and p.institution_id = w.institution_id
    group by
        p.community_id,
        p.month,
        p.institution_id,
        p.amount_fen,
        w.department_code
),

split as (
    {{ split_exactly('worked', ['month', 'institution_id'], ['department_code'], 'institution_fen', 'weight') }}
)

select
    community_id,
    month,
    institution_id,
    department_code,
    cast(weight as bigint) as weight,
    amount_fen
from split
where amount_fen is not null
