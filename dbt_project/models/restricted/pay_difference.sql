-- Grain: month, staff_id.
-- What people were due from the pool in the year to date, by approved entries, beside what payroll says they were paid
-- of it. What was paid without an approval differs too.
-- Source: REQ-199.
with due as (
    select
        w.month,
        {{ account_owner('e.account_id') }} as staff_id,
        max({{ account_owner('e.counter_account_id') }}) as institution_id,
        sum(case when e.is_approved then e.amount_fen else 0 end) as due_fen,
        sum(e.amount_fen) as computed_fen
    from {{ ref('kpi_window') }} as w
    inner join {{ ref('fund_entry') }} as e
        on w.member_month = e.month
    where
        w.kpi_window = 'ytd'
        and e.account_id like 'person:%:pool'
    group by
        w.month,
        {{ account_owner('e.account_id') }}
),

paid as (
    select
        w.month,
        p.staff_id,
        max(p.institution_id) as institution_id,
        sum(p.incentive_pool_fen) as paid_fen
    from {{ ref('kpi_window') }} as w
    inner join {{ ref('pay_person') }} as p
        on w.member_month = p.month
    where
        w.kpi_window = 'ytd'
        and p.staff_id is not null
    group by
        w.month,
        p.staff_id
)

select
    coalesce(d.month, p.month) as month,
    coalesce(d.staff_id, p.staff_id) as staff_id,
    coalesce(p.institution_id, d.institution_id) as institution_id,
    cast(coalesce(d.due_fen, 0) as bigint) as due_fen,
    cast(coalesce(d.computed_fen, 0) as bigint) as computed_fen,
    cast(coalesce(p.paid_fen, 0) as bigint) as paid_fen,
    cast(coalesce(p.paid_fen, 0) - coalesce(d.due_fen, 0) as bigint) as difference_fen
from due as d
full outer join paid as p
    on
        d.month = p.month
        and d.staff_id = p.staff_id
