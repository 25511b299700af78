-- From a quarter's money to institutions, departments and people the sum is the same at every level (fen).
with part as (
    select
        community_id || '/' || month as whole_id,
        sum(amount_fen) as parts_fen
    from {{ ref('pool_part') }}
    group by community_id || '/' || month
),

department as (
    select
        institution_id || '/' || month as whole_id,
        sum(amount_fen) as parts_fen
    from {{ ref('pool_department') }}
    group by institution_id || '/' || month
),

person as (
    select
        institution_id || '/' || department_code || '/' || month as whole_id,
        sum(amount_fen) as parts_fen
    from {{ ref('pool_person') }}
    group by institution_id || '/' || department_code || '/' || month
),

level as (
    select
        r.community_id || '/' || r.month as whole_id,
        r.amount_fen as whole_fen,
        coalesce(p.parts_fen, 0) as parts_fen
    from {{ ref('pool_round') }} as r
    left join part as p
        on r.community_id || '/' || r.month = p.whole_id

    union all

    select
        d.whole_id,
        i.amount_fen as whole_fen,
        d.parts_fen
    from {{ ref('pool_institution') }} as i
    inner join department as d
        on i.institution_id || '/' || i.month = d.whole_id

    union all

    select
        p.whole_id,
        d.amount_fen as whole_fen,
        p.parts_fen
    from {{ ref('pool_department') }} as d
    inner join person as p
        on d.institution_id || '/' || d.department_code || '/' || d.month = p.whole_id
)

select
    whole_id,
    whole_fen,
    parts_fen
from level
where whole_fen <> parts_fen
