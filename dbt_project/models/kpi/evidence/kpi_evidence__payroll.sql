-- Pay at townships and community centres, beside what the same people would earn at the mean pay of the county
-- hospitals of their alliance that month (half up, in fen): once per person, institution and month.
with income as (
    select
        p.*,
        i.alliance_id,
        i.is_county_hospital,
        i.institution_tier in ('township', 'community') as is_counted,
        row_number() over (
            partition by p.month, p.institution_id, p.staff_key
            order by p.pay_item asc nulls last, p.deliverer_id asc nulls last
        ) as place
    from {{ ref('fct_payroll') }} as p
    inner join {{ ref('dim_institution') }} as i
        on p.institution_id = i.institution_id
    left join {{ ref('policy_code') }} as x
        on
            p.month = x.month
            and x.code_set = 'pay_item_not_income'
            and p.pay_item = x.code
    where x.code is null
),

at_hospital as (
    select
        month,
        alliance_id,
        {{ divide_half_up(
            'cast(sum(amount_fen) as bigint)', 'cast(sum(case when place = 1 then 1 else 0 end) as bigint)'
        ) }} as mean_fen
    from income
    where is_county_hospital
    group by
        month,
        alliance_id
)

select
    p.month,
    p.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    p.event_date,
    p.amount_fen as pay_fen,
    case when p.place = 1 then h.mean_fen end as hospital_pay_fen,
    'fin_payroll' as source_feed,
    p.source_batch_id,
    p.source_file,
    p.source_line
from income as p
inner join at_hospital as h
    on
        p.month = h.month
        and p.alliance_id = h.alliance_id
where p.is_counted
