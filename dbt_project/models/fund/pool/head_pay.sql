-- Grain: month, institution_id, staff_id, kind.
-- The performance pay of heads: base × the month's coefficient; once the year is settled, month by month the base of
-- that month × what the year's coefficient (no more than a veto leaves) differs from the one it was paid by, to whoever
-- was head then. Below 0: set against the next period, no cash is asked back.
-- Source: methods B; REQ-093.
with head as (
    select
        m.month,
        m.month_of_year,
        h.institution_id,
        h.staff_id,
        h.base_fen
    from {{ ref('dim_month') }} as m
    inner join {{ incoming('policy', 'head_pay') }} as h
        on {{ in_force('h', 'm.last_day') }}
),

monthly as (
    select
        h.month,
        h.institution_id,
        h.staff_id,
        h.base_fen,
        s.pay_coefficient
    from head as h
    inner join {{ ref('score_institution') }} as s
        on
            h.month = s.month
            and h.institution_id = s.institution_id
    where s.pay_coefficient is not null
),

settled as (
    select
        a.month,
        p.institution_id,
        p.staff_id,
        p.base_fen,
        case when a.pay_coefficient > v.pay_cap then v.pay_cap else a.pay_coefficient end - p.pay_coefficient
            as coefficient
    from {{ ref('score_annual') }} as a
    inner join {{ ref('dim_month') }} as m
        on a.month = m.month
    inner join {{ ref('kpi_window') }} as w
        on
            a.month = w.month
            and w.kpi_window = 'ytd'
    inner join monthly as p
        on
            w.member_month = p.month
            and a.institution_id = p.institution_id
    left join {{ ref('score_pay_cap') }} as v
        on
            p.month = v.month
            and p.institution_id = v.institution_id
    where
        m.month_of_year = 12
        and a.pay_coefficient is not null
),

due as (
    select
        month,
        institution_id,
        staff_id,
        'month' as kind,
        {{ wide('base_fen') }} * {{ millionths('pay_coefficient') }} as millionths
    from monthly

    union all

    select
        month,
        institution_id,
        staff_id,
        'year' as kind,
        sum({{ wide('base_fen') }} * {{ millionths('coefficient') }}) as millionths
    from settled
    group by
        month,
        institution_id,
        staff_id
)

select
    month,
    institution_id,
    staff_id,
    kind,
    cast(
        {{ divide_half_up(wide('abs(millionths)'), '1000000') }}
        * case when millionths < 0 then -1 else 1 end as bigint
    ) as amount_fen
from due
