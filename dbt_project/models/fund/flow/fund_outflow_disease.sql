-- Grain: month, community_id, diagnosis_category.
-- Stays outside the county by disease, the year to date as it is known in a month, beside what the county's own
-- hospitals do: a disease of which they have had enough stays could be treated here, and what the fund paid for it
-- outside could come back. Diseases of few people are not told. Source: REQ-144.
with stay as (
    select
        w.month,
        l.community_id,
        l.diagnosis_category,
        l.person_key,
        l.place = 'out_of_county' as is_outside,
        l.settlements,
        l.fund_fen
    from {{ ref('kpi_window') }} as w
    inner join {{ ref('fund_flow_line') }} as l
        on
            w.member_month = l.month
            and w.month >= l.known_month
    where
        w.kpi_window = 'ytd'
        and l.component = 'inpatient'
        and l.diagnosis_category is not null
        and (l.place = 'out_of_county' or l.care_level = 'county')
),

outside as (
    select
        month,
        community_id,
        diagnosis_category,
        count(distinct person_key) as persons,
        sum(settlements) as cases,
        sum(fund_fen) as fund_fen
    from stay
    where
        is_outside
        and community_id <> '-'
    group by
        month,
        community_id,
        diagnosis_category
),

here as (
    select
        month,
        diagnosis_category,
        sum(settlements) as cases,
        sum(fund_fen) as fund_fen
    from stay
    where not is_outside
    group by
        month,
        diagnosis_category
)

select
    o.month,
    o.community_id,
    o.diagnosis_category,
    cast(o.cases as bigint) as outside_cases,
    cast(o.persons as bigint) as outside_persons,
    cast(o.fund_fen as bigint) as outside_fund_fen,
    cast(coalesce(h.cases, 0) as bigint) as county_cases,
    coalesce(h.cases, 0) >= p.treated_here_minimum_cases as is_treated_here,
    cast(case when h.cases >= p.treated_here_minimum_cases then o.fund_fen else 0 end as bigint) as returnable_fund_fen,
    cast(case
        when h.cases >= p.treated_here_minimum_cases
            then {{ divide_half_up(wide('o.cases') ~ ' * h.fund_fen', 'h.cases') }}
    end as bigint) as fund_if_here_fen
from outside as o
inner join {{ ref('policy_parameter') }} as p
    on o.month = p.month
left join here as h
    on
        o.month = h.month
        and o.diagnosis_category = h.diagnosis_category
where
    o.persons >= p.small_cell_minimum
    and o.cases > 0
