-- Grain: institution_id, month, method.
-- Cases put forward for special review out of all cases of the year so far, against the ceiling in force. A ceiling is
-- no target: whoever stays below it is not better for it (corrections 11). REQ-140.
with counted as (
    select
        institution_id,
        month,
        method,
        count(*) as cases,
        sum(case when special_result is not null then 1 else 0 end) as requests,
        sum(case when special_result = 'agreed' then 1 else 0 end) as agreed
    from {{ ref('casemix_settlement') }}
    where method in ('drg_rate', 'drg_points', 'dip')
    group by
        institution_id,
        month,
        method
),

to_date as (
    select
        c.institution_id,
        m.month,
        c.method,
        m.last_day,
        cast(sum(c.cases) as bigint) as cases,
        cast(sum(c.requests) as bigint) as requests,
        cast(sum(c.agreed) as bigint) as agreed
    from counted as c
    inner join {{ ref('dim_month') }} as m
        on
            substr(c.month, 1, 4) = substr(m.month, 1, 4)
            and c.month <= m.month
    group by
        c.institution_id,
        m.month,
        c.method,
        m.last_day
),

ceiling as (
    select
        m.month,
        p.method,
        p.most_cases,
        p.of_cases
    from {{ ref('dim_month') }} as m
    inner join {{ incoming('policy', 'special_review_ceiling') }} as p
        on {{ in_force('p', 'm.last_day') }}
)

select
    t.institution_id,
    t.month,
    t.method,
    t.cases,
    t.requests,
    t.agreed,
    p.most_cases as ceiling_cases,
    p.of_cases as ceiling_of_cases,
    t.requests * p.of_cases > t.cases * p.most_cases as is_above_ceiling
from to_date as t
left join ceiling as p
    on
        t.month = p.month
        and t.method = p.method
