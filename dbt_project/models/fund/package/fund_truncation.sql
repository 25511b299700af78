-- Grain: month, budget_year, community_id, insurance_type_code.
-- What single persons cost beyond a percentile of all who cost anything (the value at that place in order): where
-- policy names one, it is not held against their community. Source: REQ-134, truncation as in shared-savings
-- contracts.
with person as (
    select
        p.month,
        p.budget_year,
        l.insurance_type_code,
        l.community_id,
        l.person_key,
        r.truncation_percentile,
        cast(sum(l.fund_fen) as bigint) as fund_fen
    from {{ ref('fund_position') }} as p
    inner join {{ incoming('policy', 'package_rule') }} as r
        on
            {{ in_force('r', 'p.decided_on') }}
            and r.truncation_percentile is not null
    inner join {{ ref('fund_spend_line') }} as l
        on
            r.insurance = l.insurance_type_code
            and p.month >= l.known_month
            and p.month >= l.month
    inner join {{ ref('dim_month') }} as d
        on
            l.month = d.month
            and p.budget_year = d.year
    where l.allocated_by <> 'insured_elsewhere'
    group by
        p.month,
        p.budget_year,
        l.insurance_type_code,
        l.community_id,
        l.person_key,
        r.truncation_percentile
    having sum(l.fund_fen) > 0
),

ranked as (
    select
        *,
        row_number() over (
            partition by month, budget_year, insurance_type_code
            order by fund_fen asc nulls last, person_key asc nulls last, community_id asc nulls last
        ) as place,
        count(*) over (partition by month, budget_year, insurance_type_code) as persons
    from person
),

bound as (
    select
        month,
        budget_year,
        insurance_type_code,
        max(fund_fen) as bound_fen
    from ranked
    where
        place * 100000000 < persons * {{ millionths('truncation_percentile') }} + 100000000
    group by
        month,
        budget_year,
        insurance_type_code
)

select
    r.month,
    r.budget_year,
    r.community_id,
    r.insurance_type_code,
    b.bound_fen,
    sum(case when r.fund_fen > b.bound_fen then 1 else 0 end) as truncated_persons,
    cast(sum(greatest(r.fund_fen - b.bound_fen, 0)) as bigint) as truncated_fen
from ranked as r
inner join bound as b
    on
        r.month = b.month
        and r.budget_year = b.budget_year
        and r.insurance_type_code = b.insurance_type_code
group by
    r.month,
    r.budget_year,
    r.community_id,
    r.insurance_type_code,
    b.bound_fen
