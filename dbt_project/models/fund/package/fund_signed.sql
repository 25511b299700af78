-- Grain: month, budget_year, community_id.
-- Of the insured months of a community's year to date, how many are of people who signed with a family doctor.
-- Source: REQ-133.
with insured as (
    select
        d.year,
        d.month_number,
        i.alliance_id as community_id,
        count(*) as insured_months,
        count(i.contracted_institution_id) as signed_months
    from {{ ref('fct_insured_month') }} as i
    inner join {{ ref('dim_month') }} as d
        on i.month = d.month
    where i.alliance_id is not null
    group by
        d.year,
        d.month_number,
        i.alliance_id
)

select
    p.month,
    p.budget_year,
    i.community_id,
    cast(sum(i.insured_months) as bigint) as insured_months,
    cast(sum(i.signed_months) as bigint) as signed_months
from {{ ref('fund_position') }} as p
inner join insured as i
    on
        p.budget_year = i.year
        and p.month_number >= i.month_number
group by
    p.month,
    p.budget_year,
    i.community_id
