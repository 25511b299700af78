-- Grain: month, institution_id, staff_key.
-- What somebody is paid at a place in a month, without the employer's social insurance, beside kind and title from
-- the staff list of the month. Whom no list knows has no kind.
with listed as (
    select
        month,
        staff_key,
        staff_id,
        institution_id,
        staff_type,
        title_level
    from (
        select
            *,
            row_number() over (
                partition by month, staff_key
                order by deliverer_id asc nulls last, staff_id asc nulls last
            ) as place
        from {{ ref('dim_staff_month') }}
        where staff_key is not null
    ) as s
    where place = 1
),

paid as (
    select
        p.month,
        p.institution_id,
        p.staff_key,
        cast(sum(p.amount_fen) as bigint) as pay_fen,
        cast(sum(case when p.pay_item = '05' then p.amount_fen else 0 end) as bigint) as physician_fee_fen,
        cast(sum(case when p.pay_item = '06' then p.amount_fen else 0 end) as bigint) as incentive_pool_fen
    from {{ ref('fct_payroll') }} as p
    left join {{ ref('policy_code') }} as x
        on
            p.month = x.month
            and x.code_set = 'pay_item_not_income'
            and p.pay_item = x.code
    where x.code is null
    group by
        p.month,
        p.institution_id,
        p.staff_key
)

select
    p.month,
    p.institution_id,
    p.staff_key,
    s.staff_id,
    s.staff_type,
    s.title_level,
    case
        when d.code is not null then 'physician'
        when n.code is not null then 'nurse'
        when s.staff_type = '90' then 'administrative'
        when s.staff_type is not null then 'other'
    end as pay_group,
    p.pay_fen,
    p.physician_fee_fen,
    p.incentive_pool_fen
from paid as p
left join listed as s
    on
        p.month = s.month
        and p.staff_key = s.staff_key
left join {{ ref('policy_code') }} as d
    on
        p.month = d.month
        and d.code_set = 'physician_staff_type'
        and s.staff_type = d.code
left join {{ ref('policy_code') }} as n
    on
        p.month = n.month
        and n.code_set = 'nurse_staff_type'
        and s.staff_type = n.code
