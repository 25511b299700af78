-- Grain: claim_id.
-- What the special and the capability part are asked for: a month of a posted expert (the months of a year add to the
-- whole amount), a technique once it has its cases, a project of the month it was decided for.
-- Source: methods H.8; REQ-180, REQ-181, REQ-182, REQ-183.
with posted as (
    select
        m.month,
        m.year,
        a.institution_id,
        a.staff_id,
        r.amount_fen as yearly_fen,
        {{ days_between('greatest(a.start_date, m.first_day)', 'least(coalesce(a.end_date, m.last_day), m.last_day)') }}
        + 1 as days,
        r.minimum
    from {{ ref('dim_month') }} as m
    inner join {{ ref('fct_staff_assignment') }} as a
        on
            m.last_day >= a.start_date
            and m.first_day <= coalesce(a.end_date, m.first_day)
    inner join {{ incoming('policy', 'subsidy_rule') }} as r
        on {{ in_force('r', 'm.last_day') }}
    inner join {{ incoming('policy', 'kpi_code_set') }} as c
        on
            a.title_level_at_assignment = c.code
            and c.code_set = 'stationed_title_level'
            and {{ in_force('c', 'm.last_day') }}
    inner join {{ ref('dim_institution') }} as f
        on
            a.institution_id = f.institution_id
            and f.is_county_hospital
    inner join {{ ref('dim_institution') }} as t
        on
            a.to_institution_id = t.institution_id
            and t.is_primary_care
    where r.kind = 'posted_expert'
),

-- An expert posted to two places at a time is paid for once.
expert_month as (
    select
        month,
        year,
        staff_id,
        min(institution_id) as institution_id,
        max(yearly_fen) as yearly_fen
    from posted
    where days >= minimum
    group by
        month,
        year,
        staff_id
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

technique as (
    select
        min(c.month) as month,
        c.institution_id,
        c.technique_code,
        min(r.amount_fen) as amount_fen
    from counted as c
    inner join {{ ref('dim_month') }} as m
        on c.month = m.month
    inner join {{ incoming('policy', 'subsidy_rule') }} as r
        on {{ in_force('r', 'm.last_day') }}
    where
        r.kind = 'technique'
        and c.cases_to_date >= r.minimum
    group by
        c.institution_id,
        c.technique_code
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
