-- Grain: month, institution_id, kind.
-- The performance pay of heads: base × the month's coefficient; once the year is settled, base × what its coefficients
-- differ from those of its months (below 0: set against the next period, no cash is asked back).
-- Source: methods B; REQ-093.
with due as (
    select
        m.month,
        h.institution_id,
        h.staff_id,
        'month' as kind,
        h.base_fen,
        s.pay_coefficient as coefficient
    from {{ ref('dim_month') }} as m
    inner join {{ incoming('policy', 'head_pay') }} as h
        on {{ in_force('h', 'm.last_day') }}
    inner join {{ ref('score_institution') }} as s
        on
            m.month = s.month
            and h.institution_id = s.institution_id

    union all

    select
        m.month,
        h.institution_id,
        h.staff_id,
        'year' as kind,
        h.base_fen,
        a.coefficients_to_settle as coefficient
    from {{ ref('dim_month') }} as m
    inner join {{ incoming('policy', 'head_pay') }} as h
        on {{ in_force('h', 'm.last_day') }}
    inner join {{ ref('score_annual') }} as a
        on
            m.month = a.month
            and h.institution_id = a.institution_id
    where m.month_of_year = 12
)

select
    month,
    institution_id,
    staff_id,
    kind,
    base_fen,
    coefficient,
    cast(
        {{ divide_half_up(wide('base_fen') ~ ' * ' ~ as_weight('abs(coefficient)'), '1000000') }}
        * case when coefficient < 0 then -1 else 1 end as bigint
    ) as amount_fen
from due
where coefficient is not null
