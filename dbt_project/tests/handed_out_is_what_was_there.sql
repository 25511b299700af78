-- From a quarter's money to institutions, departments and people the sum is the same at every level (fen).
with level as (
    select
        r.community_id,
        r.month,
        r.amount_fen as whole_fen,
        coalesce(p.amount_fen, 0) as parts_fen
    from {{ ref('pool_round') }} as r
    left join (
        select
            community_id,
            month,
            sum(amount_fen) as amount_fen
        from {{ ref('pool_part') }}
        group by
            community_id,
            month
    ) as p
        on
            r.community_id = p.community_id
            and r.month = p.month

    union all

    select
        i.institution_id as community_id,
        i.month,
        i.amount_fen as whole_fen,
        d.amount_fen as parts_fen
    from {{ ref('pool_institution') }} as i
    inner join (
        select
            institution_id,
            month,
            sum(amount_fen) as amount_fen
        from {{ ref('pool_department') }}
        group by
            institution_id,
            month
    ) as d
        on
            i.institution_id = d.institution_id
            and i.month = d.month

    union all

    select
        d.institution_id || '/' || d.department_code as community_id,
        d.month,
        d.amount_fen as whole_fen,
        p.amount_fen as parts_fen
    from {{ ref('pool_department') }} as d
    inner join (
        select
            institution_id,
            department_code,
            month,
            sum(amount_fen) as amount_fen
        from {{ ref('pool_person') }}
        group by
            institution_id,
            department_code,
            month
    ) as p
        on
            d.institution_id = p.institution_id
            and d.department_code = p.department_code
            and d.month = p.month
)

select *
from level
where whole_fen <> parts_fen
