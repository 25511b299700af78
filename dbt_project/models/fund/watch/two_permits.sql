-- Grain: month, institution_id.
-- Two permits (两个允许), the year to date: what income from services leaves after cost, and performance pay beside the
-- total that was approved for the year.
-- Source: REQ-191.
with booked as (
    select
        w.month,
        a.institution_id,
        sum(case when c.code_set = 'account_service_income' then a.amount_fen else 0 end) as service_income_fen,
        sum(case when c.code_set = 'account_activity_expense' then a.amount_fen else 0 end) as expense_fen
    from {{ ref('kpi_window') }} as w
    inner join {{ ref('fct_account_month') }} as a
        on w.member_month = a.month
    inner join {{ ref('policy_code') }} as c
        on
            a.month = c.month
            and a.account_code = c.code
    where
        w.kpi_window = 'ytd'
        and c.code_set in ('account_service_income', 'account_activity_expense')
    group by
        w.month,
        a.institution_id
),

paid as (
    select
        w.month,
        p.institution_id,
        sum(p.amount_fen) as performance_fen
    from {{ ref('kpi_window') }} as w
    inner join {{ ref('fct_payroll') }} as p
        on w.member_month = p.month
    inner join {{ ref('policy_code') }} as c
        on
            p.month = c.month
            and p.pay_item = c.code
            and c.code_set = 'performance_pay_item'
    where w.kpi_window = 'ytd'
    group by
        w.month,
        p.institution_id
)

select
    m.month,
    t.institution_id,
    t.approved_fen,
    cast(b.service_income_fen as bigint) as service_income_fen,
    cast(b.expense_fen as bigint) as expense_fen,
    cast(b.service_income_fen - b.expense_fen as bigint) as distributable_fen,
    cast(coalesce(p.performance_fen, 0) as bigint) as performance_fen,
    round(100 * {{ quotient('coalesce(p.performance_fen, 0)', 't.approved_fen') }}, 4) as used_pct
from {{ ref('dim_month') }} as m
inner join {{ incoming('policy', 'pay_total') }} as t
    on m.year = t.year
left join booked as b
    on
        m.month = b.month
        and t.institution_id = b.institution_id
left join paid as p
    on
        m.month = p.month
        and t.institution_id = p.institution_id
