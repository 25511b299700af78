-- Grain: claim_id.
-- What the special and the capability part are asked for: a month of a posted expert (the months of a year add to the
-- whole amount), a technique once it has its cases, a project of the month it was decided for.
-- Source: methods H.8; REQ-180, REQ-181, REQ-182, REQ-183.
with posted as (
    select
        d.month,
        a.staff_id,
        min(a.institution_id) as institution_id,
        count(distinct d.day) as days
    from {{ ref('fct_staff_assignment') }} as a
    inner join {{ ref('dim_day') }} as d
        on
            a.start_date <= d.day
            and coalesce(a.end_date, d.day) >= d.day
    inner join {{ ref('policy_code') }} as c
        on
            d.month = c.month
            and a.title_level_at_assignment = c.code
            and c.code_set = 'stationed_title_level'
    inner join {{ ref('dim_institution') }} as f
        on
            a.institution_id = f.institution_id
            and f.is_county_hospital
    inner join {{ ref('dim_institution') }} as t
        on
            a.to_institution_id = t.institution_id
            and t.is_primary_care
    group by
        d.month,
        a.staff_id
),

-- Days at several places count together, and none twice.
expert_month as (
    select
        m.month,
        m.year,
        p.staff_id,
        p.institution_id,
        r.amount_fen as yearly_fen
    from posted as p
    inner join {{ ref('dim_month') }} as m
        on p.month = m.month
    inner join {{ incoming('policy', 'subsidy_rule') }} as r
        on {{ in_force('r', 'm.last_day') }}
    where
        r.kind = 'posted_expert'
        and p.days >= r.minimum
),

expert as (
    select
        *,
        row_number() over (
            partition by year, staff_id
            order by month asc nulls last
        ) as months_to_date
    from expert_month
),

tried as (
    select
        a.month,
        a.to_institution_id as institution_id,
        a.technique_code,
        sum(a.patients_served) as cases
    from {{ ref('fct_support_activity') }} as a
    where coalesce(trim(a.technique_code), '') <> ''
    group by
        a.month,
        a.to_institution_id,
        a.technique_code
),

counted as (
    select
        month,
        institution_id,
        technique_code,
        sum(cases) over (
            partition by institution_id, technique_code
            order by month asc nulls last
        ) as cases_to_date
    from tried
),

-- Once, by the rule of the month in which it had its cases.
technique as (
    select
        c.month,
        c.institution_id,
        c.technique_code,
        r.amount_fen,
        row_number() over (
            partition by c.institution_id, c.technique_code
            order by c.month asc nulls last
        ) as place
    from counted as c
    inner join {{ ref('dim_month') }} as m
        on c.month = m.month
    inner join {{ incoming('policy', 'subsidy_rule') }} as r
        on {{ in_force('r', 'm.last_day') }}
    where
        r.kind = 'technique'
        and c.cases_to_date >= r.minimum
),

claimed as (
    select
        'posted_expert/' || staff_id || '/' || month as claim_id,
        'special' as use,
        'posted_expert' as kind,
        month,
        institution_id,
        cast(
            {{ divide_half_up(wide('yearly_fen') ~ ' * months_to_date', '12') }}
            - {{ divide_half_up(wide('yearly_fen') ~ ' * (months_to_date - 1)', '12') }} as bigint
        ) as amount_fen,
        'subsidy_rule/posted_expert' as rule_id,
        cast(null as string) as document
    from expert

    union all

    select
        'technique/' || institution_id || '/' || technique_code as claim_id,
        'special' as use,
        'technique' as kind,
        month,
        institution_id,
        amount_fen,
        'subsidy_rule/technique' as rule_id,
        cast(null as string) as document
    from technique
    where place = 1

    union all

    select
        'project/' || project_id as claim_id,
        'capability' as use,
        purpose as kind,
        month,
        institution_id,
        amount_fen,
        'capability_project/' || project_id as rule_id,
        document
    from {{ incoming('policy', 'capability_project') }}
)

select
    c.claim_id,
    i.alliance_id as community_id,
    c.use,
    c.kind,
    c.month,
    c.institution_id,
    c.amount_fen,
    c.rule_id,
    c.document
from claimed as c
inner join {{ ref('dim_institution') }} as i
    on c.institution_id = i.institution_id
inner join {{ ref('pool_month') }} as b
    on
        c.month = b.month
        and i.alliance_id = b.community_id
