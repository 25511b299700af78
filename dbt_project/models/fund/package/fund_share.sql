-- Grain: month, budget_year, insurance_type_code, method, community_id.
-- The packages of the county taken together and split anew, to the fen: by insured months, and by insured months
-- times risk. A person's risk is held against the mean of all insured of the month (which is 1 then) and kept between
-- a floor and a cap; who has no risk counts as the mean. Beside what the bureau told. Source: methods F1; REQ-130,
-- REQ-131.
with insured as (
    select
        month,
        insurance_type_code,
        alliance_id,
        risk_score,
        count(*) as people
    from {{ ref('fct_insured_month') }}
    group by
        month,
        insurance_type_code,
        alliance_id,
        risk_score
),

mean as (
    select
        i.month,
        i.insurance_type_code,
        r.risk_floor,
        r.risk_cap,
        {{ quotient(
            'sum(' ~ millionths('i.risk_score') ~ ' * i.people)',
            '1000000 * sum(case when i.risk_score is not null then i.people end)'
        ) }} as mean_risk
    from insured as i
    inner join {{ ref('dim_month') }} as m
        on i.month = m.month
    inner join {{ incoming('policy', 'risk_rule') }} as r
        on
            i.insurance_type_code = r.insurance
            and {{ in_force('r', 'm.last_day') }}
    group by
        i.month,
        i.insurance_type_code,
        r.risk_floor,
        r.risk_cap
),

weighed as (
    select
        i.month,
        i.insurance_type_code,
        i.alliance_id as community_id,
        i.people,
        case when i.risk_score is null then i.people else 0 end as unscored,
        {{ millionths('least(greatest(
            coalesce(cast(i.risk_score as double), m.mean_risk, 1),
            cast(m.risk_floor as double) * coalesce(m.mean_risk, 1)
        ), cast(m.risk_cap as double) * coalesce(m.mean_risk, 1))') }} as risk_weight
    from insured as i
    inner join mean as m
        on
            i.month = m.month
            and i.insurance_type_code = m.insurance_type_code
),

by_month as (
    select
        d.month_number,
        d.year,
        w.insurance_type_code,
        w.community_id,
        sum(w.people) as insured_months,
        sum(w.unscored) as unscored_months,
        cast(sum(w.risk_weight * w.people) as bigint) as risk_weight
    from weighed as w
    inner join {{ ref('dim_month') }} as d
        on w.month = d.month
    where w.community_id is not null
    group by
        d.month_number,
        d.year,
        w.insurance_type_code,
        w.community_id
),

to_date as (
    select
        p.month,
        p.budget_year,
        b.insurance_type_code,
        b.community_id,
        cast(sum(b.insured_months) as bigint) as insured_months,
        cast(sum(b.unscored_months) as bigint) as unscored_months,
        cast(sum(b.risk_weight) as bigint) as risk_weight
    from {{ ref('fund_position') }} as p
    inner join by_month as b
        on
            p.budget_year = b.year
            and p.month_number >= b.month_number
    group by
        p.month,
        p.budget_year,
        b.insurance_type_code,
        b.community_id
),

county as (
    select
        month,
        budget_year,
        insurance_type_code,
        cast(sum(net_fen) as bigint) as net_fen,
        cast(sum(net_to_date_fen) as bigint) as net_to_date_fen
    from {{ ref('fund_package') }}
    group by
        month,
        budget_year,
        insurance_type_code
),

asked as (
    select
        t.month,
        t.budget_year,
        t.insurance_type_code,
        t.community_id,
        w.method,
        w.measure,
        t.insured_months,
        t.unscored_months,
        t.risk_weight,
        case when w.method = 'heads' then t.insured_months else t.risk_weight end as share_weight,
        case when w.measure = 'year' then c.net_fen else c.net_to_date_fen end as total_fen
    from to_date as t
    inner join county as c
        on
            t.month = c.month
            and t.budget_year = c.budget_year
            and t.insurance_type_code = c.insurance_type_code
    cross join (
        values ('heads', 'year'), ('heads', 'to_date'), ('risk', 'year'), ('risk', 'to_date')
    ) as w (method, measure)
),

split as (
    {{ split_exactly(
        'asked',
        by=['month', 'budget_year', 'insurance_type_code', 'method', 'measure'],
        key=['community_id'],
        total='total_fen',
        weight='share_weight'
    ) }}
),

shared as (
    select
        month,
        budget_year,
        insurance_type_code,
        method,
        community_id,
        max(insured_months) as insured_months,
        max(unscored_months) as unscored_months,
        max(risk_weight) as risk_weight,
        max(case when measure = 'year' then amount_fen end) as annual_fen,
        max(case when measure = 'to_date' then amount_fen end) as to_date_fen
    from split
    group by
        month,
        budget_year,
        insurance_type_code,
        method,
        community_id
)

select
    s.month,
    s.budget_year,
    s.insurance_type_code,
    s.method,
    s.community_id,
    s.insured_months,
    s.unscored_months,
    round(
        {{ quotient(
            'cast(s.risk_weight as double) * sum(s.insured_months) over (
                partition by s.month, s.budget_year, s.insurance_type_code, s.method
            )',
            'cast(s.insured_months as double) * sum(s.risk_weight) over (
                partition by s.month, s.budget_year, s.insurance_type_code, s.method
            )'
        ) }}, 6
    ) as risk_coefficient,
    s.annual_fen,
    s.to_date_fen,
    p.net_fen as told_fen,
    s.annual_fen - p.net_fen as difference_fen
from shared as s
left join {{ ref('fund_package') }} as p
    on
        s.month = p.month
        and s.budget_year = p.budget_year
        and s.community_id = p.community_id
        and s.insurance_type_code = p.insurance_type_code
