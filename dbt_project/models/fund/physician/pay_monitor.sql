-- Grain: month, institution_id.
-- How pay leans (REQ-120, REQ-121): physicians, nurses and administration; spread within the same post, over posts
-- of enough people by their number; Gini over everybody; and what people of primary care earn beside the mean of
-- the same kind and title at the county hospitals of their community. Sums of both sides, never a mean of ratios.
with grouped as (
    select
        month,
        institution_id,
        cast(count(*) as bigint) as people,
        cast(sum(pay_fen) as bigint) as pay_fen,
        cast(sum(case when staff_type is null then 1 else 0 end) as bigint) as unlisted_people,
        cast(sum(physician_fee_fen) as bigint) as physician_fee_fen,
        {%- for group in ['physician', 'nurse', 'administrative'] %}
        cast(sum(case when pay_group = '{{ group }}' then 1 else 0 end) as bigint) as {{ group }}_people,
        cast(sum(case when pay_group = '{{ group }}' then pay_fen else 0 end) as bigint) as {{ group }}_pay_fen,
        {%- endfor %}
        cast(sum(incentive_pool_fen) as bigint) as incentive_pool_fen
    from {{ ref('pay_person') }}
    group by
        month,
        institution_id
),

in_order as (
    select
        month,
        institution_id,
        pay_fen,
        row_number() over (
            partition by month, institution_id
            order by pay_fen asc nulls last, staff_key asc nulls last
        ) as place
    from {{ ref('pay_person') }}
),

spread as (
    select
        month,
        institution_id,
        {{ quotient(
            'sum((2 * place - 1) * cast(pay_fen as double)) - count(*) * sum(cast(pay_fen as double))',
            'count(*) * sum(cast(pay_fen as double))'
        ) }} as gini
    from in_order
    group by
        month,
        institution_id
),

within_post as (
    select
        p.month,
        p.institution_id,
        cast(sum(p.people) as bigint) as same_post_people,
        {{ quotient('sum(p.people * p.variation)', 'sum(p.people)') }} as same_post_variation
    from {{ ref('pay_post') }} as p
    inner join {{ ref('policy_parameter') }} as q
        on p.month = q.month
    where p.people >= q.same_post_minimum
    group by
        p.month,
        p.institution_id
),

at_hospital as (
    select
        p.month,
        i.alliance_id,
        p.staff_type,
        p.title_level,
        cast(sum(p.people) as bigint) as people,
        cast(sum(p.pay_fen) as bigint) as pay_fen
    from {{ ref('pay_post') }} as p
    inner join {{ ref('dim_institution') }} as i
        on p.institution_id = i.institution_id
    where i.is_county_hospital
    group by
        p.month,
        i.alliance_id,
        p.staff_type,
        p.title_level
),

-- Physicians of primary care whose kind and title the hospitals have too.
same_title as (
    select
        p.month,
        p.institution_id,
        cast(sum(p.people) as bigint) as same_title_people,
        cast(sum(p.pay_fen) as bigint) as same_title_pay_fen,
        cast(sum({{ divide_half_up('p.people * h.pay_fen', 'h.people') }}) as bigint) as same_title_county_pay_fen
    from {{ ref('pay_post') }} as p
    inner join {{ ref('dim_institution') }} as i
        on p.institution_id = i.institution_id
    inner join at_hospital as h
        on
            p.month = h.month
            and i.alliance_id = h.alliance_id
            and p.staff_type = h.staff_type
            and p.title_level = h.title_level
    where
        i.institution_tier in ('township', 'community')
        and p.pay_group = 'physician'
    group by
        p.month,
        p.institution_id
)

select
    g.*,
    {%- for group in ['nurse', 'administrative'] %}
    cast(round({{ quotient(
        'cast(g.physician_pay_fen as double) * g.' ~ group ~ '_people',
        'cast(g.' ~ group ~ '_pay_fen as double) * g.physician_people'
    ) }}, 6) as decimal(9, 6)) as physician_to_{{ group }}_ratio,
    {%- endfor %}
    cast(round(s.gini, 6) as decimal(9, 6)) as gini,
    w.same_post_people,
    cast(round(w.same_post_variation, 6) as decimal(9, 6)) as same_post_variation,
    t.same_title_people,
    t.same_title_pay_fen,
    t.same_title_county_pay_fen,
    cast(round({{ quotient('t.same_title_pay_fen', 't.same_title_county_pay_fen') }}, 6) as decimal(9, 6))
        as primary_to_county_ratio
from grouped as g
left join spread as s
    on
        g.month = s.month
        and g.institution_id = s.institution_id
left join within_post as w
    on
        g.month = w.month
        and g.institution_id = w.institution_id
left join same_title as t
    on
        g.month = t.month
        and g.institution_id = t.institution_id
