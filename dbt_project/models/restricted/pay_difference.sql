-- Grain: month, staff_id.
-- What people were due from the pool until a month, by approved months, beside what payroll says they were paid of it
-- until then: from the first month on, for a quarter is paid in the months after it. Where departments distribute, what
-- is due is what the department gave. What was paid without an approval differs too, from the first month that was
-- approved on: until then a county pays by other rules.
-- Source: REQ-199.
with approved_month as (
    select distinct month
    from {{ ref('fund_entry') }}
    where is_approved
),

given as (
    select
        e.month,
        {{ account_owner('e.account_id') }} as staff_id,
        {{ account_owner('e.counter_account_id') }} as institution_id,
        e.amount_fen,
        e.is_approved
    from {{ ref('fund_entry') }} as e
    where e.account_id like 'person:%:pool'

    union all

    select
        d.month,
        d.staff_id,
        d.institution_id,
        d.amount_fen,
        a.month is not null as is_approved
    from {{ incoming('policy', 'second_distribution') }} as d
    left join approved_month as a
        on d.month = a.month
),

due as (
    select
        m.month,
        g.staff_id,
        max(g.institution_id) as institution_id,
        sum(case when g.is_approved then g.amount_fen else 0 end) as due_fen,
        sum(g.amount_fen) as computed_fen
    from {{ ref('dim_month') }} as m
    inner join given as g
        on m.month >= g.month
    group by
        m.month,
        g.staff_id
),

paid as (
    select
        m.month,
        p.staff_id,
        max(p.institution_id) as institution_id,
        sum(p.incentive_pool_fen) as paid_fen
    from {{ ref('dim_month') }} as m
    inner join {{ ref('pay_person') }} as p
        on m.month >= p.month
    where p.staff_id is not null
    group by
        m.month,
        p.staff_id
),

begun as (
    select min(month) as month from approved_month
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
inner join begun as b
    on coalesce(d.month, p.month) >= b.month
