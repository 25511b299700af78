-- KPI-120: performance pay of a person in a month against the mean of those in the same post there (in ten-
-- thousandths of it, half up). Who is paid is a pseudonym that no staff list knows, so a post is the band of the pay
-- for post and grade; posts of too few people say nothing and are left out. Each post has the mean 1, so that posts
-- can be taken together.
with kind_of_item as (
    select
        month,
        code as pay_item,
        max(case when code_set = 'post_pay_item' then 1 else 0 end) as is_post,
        max(case when code_set = 'performance_pay_item' then 1 else 0 end) as is_performance
    from {{ ref('policy_code') }}
    where code_set in ('post_pay_item', 'performance_pay_item')
    group by
        month,
        code
),

item as (
    select
        p.*,
        sum(k.is_post * p.amount_fen) over (
            partition by p.month, p.institution_id, p.staff_key
        ) as post_fen,
        sum(k.is_performance * p.amount_fen) over (
            partition by p.month, p.institution_id, p.staff_key
        ) as performance_fen,
        row_number() over (
            partition by p.month, p.institution_id, p.staff_key
            order by
                k.is_performance desc nulls last,
                p.pay_item asc nulls last,
                p.deliverer_id asc nulls last
        ) as place
    from {{ ref('fct_payroll') }} as p
    inner join kind_of_item as k
        on
            p.month = k.month
            and p.pay_item = k.pay_item
),

person as (
    select
        i.*,
        q.same_post_minimum,
        {{ integer_divide('cast(i.post_fen as bigint)', 'cast(q.same_post_band_fen as bigint)') }} as post_band
    from item as i
    inner join {{ ref('policy_parameter') }} as q
        on i.month = q.month
    where
        i.place = 1
        and i.post_fen > 0
),

post as (
    select
        month,
        institution_id,
        post_band,
        cast(count(*) as bigint) as people,
        cast(sum(performance_fen) as bigint) as total_fen
    from person
    group by
        month,
        institution_id,
        post_band
)

select
    p.month,
    p.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    p.event_date,
    case when p.performance_fen < 0 then -1 else 1 end
    * {{ divide_half_up('10000 * g.people * abs(cast(p.performance_fen as bigint))', 'g.total_fen') }} as relative_pay,
    1 as people_in_same_post,
    'fin_payroll' as source_feed,
    p.source_batch_id,
    p.source_file,
    p.source_line
from person as p
inner join post as g
    on
        p.month = g.month
        and p.institution_id = g.institution_id
        and p.post_band = g.post_band
where
    g.people >= p.same_post_minimum
    and g.total_fen > 0
