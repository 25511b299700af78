-- The annual score of an institution, as far as the year has gone, and what the year's coefficients differ from those
-- of its months, in months of base pay. Nothing is filled in: a score stands only where all twelve months, the annual
-- indicators and the mutual assessment are there (what weighs nothing may lack), `status` says what is not.
with monthly as (
    select
        w.month,
        s.institution_id,
        count(s.score) as months_present,
        {{ quotient('sum(s.score)', 'count(s.score)') }} as monthly_mean,
        sum(s.pay_coefficient) as coefficients_paid
    from {{ ref('kpi_window') }} as w
    inner join {{ ref('score_institution') }} as s
        on w.member_month = s.month
    where w.kpi_window = 'ytd'
    group by
        w.month,
        s.institution_id
),

indicator as (
    select
        month,
        institution_id,
        count(score) as valid_indicators,
        count(distinct case when score is not null then dimension end) as valid_dimensions,
        100 * {{ quotient(
            'sum(case when score is not null then weight else 0 end)',
            "sum(case when status <> 'not_applicable' then weight end)"
        ) }} as coverage_pct,
        {{ quotient('sum(weight * score)', 'sum(case when score is not null then weight end)') }} as mean_score
    from {{ ref('score_annual_indicator') }}
    group by
        month,
        institution_id
),

mutual as (
    select
        month,
        institution_id,
        count(*) as raters,
        count(case when is_all_highest or is_without_spread then 1 end) as suspect_ratings,
        -- Every rater counts once, whatever its size.
        {{ quotient('sum(points)', 'count(*)') }} as points
    from {{ ref('score_mutual_rating') }}
    group by
        month,
        institution_id
),

deducted as (
    select
        month,
        institution_id,
        sum(points) as points,
        {{ joined_text('reason') }} as reasons
    from {{ ref('score_deduction_item') }}
    group by
        month,
        institution_id
),

component as (
    select
        m.month,
        m.year,
        m.last_day,
        s.institution_id,
        s.institution_name,
        s.institution_tier,
        s.status as month_status,
        t.months_present,
        12 as months_due,
        t.monthly_mean,
        t.coefficients_paid,
        i.coverage_pct,
        case
            when
                round(i.coverage_pct, 4) >= p.minimum_coverage_pct
                and i.valid_indicators >= p.minimum_valid_indicators
                and i.valid_dimensions >= p.minimum_valid_dimensions
                then i.mean_score
        end as indicator_score,
        u.points as mutual_score,
        coalesce(u.raters, 0) as raters,
        coalesce(u.suspect_ratings, 0) as suspect_ratings,
        coalesce(d.points, 0) as deducted_points,
        d.reasons as deducted_for,
        p.annual_month_share_pct,
        p.annual_indicator_share_pct,
        p.annual_mutual_share_pct
    from {{ ref('dim_month') }} as m
    inner join {{ ref('policy_parameter') }} as p
        on m.month = p.month
    inner join {{ ref('score_institution') }} as s
        on m.month = s.month
    inner join monthly as t
        on
            s.month = t.month
            and s.institution_id = t.institution_id
    left join indicator as i
        on
            s.month = i.month
            and s.institution_id = i.institution_id
    left join mutual as u
        on
            s.month = u.month
            and s.institution_id = u.institution_id
    left join deducted as d
        on
            s.month = d.month
            and s.institution_id = d.institution_id
),

judged as (
    select
        c.*,
        case
            when c.months_present = 0 and c.month_status in ('not_applicable', 'scored_with_keeper') then c.month_status
            when c.months_present < c.months_due then 'partial'
            when c.indicator_score is null and c.annual_indicator_share_pct > 0 then 'no_annual_indicators'
            when c.mutual_score is null and c.annual_mutual_share_pct > 0 then 'no_mutual_assessment'
            else 'valid'
        end as status,
        c.annual_month_share_pct * c.monthly_mean
        + c.annual_indicator_share_pct * coalesce(c.indicator_score, 0)
        + c.annual_mutual_share_pct * coalesce(c.mutual_score, 0) as weighted_points
    from component as c
),

scored as (
    select
        j.*,
        cast(
            case
                when j.status <> 'valid' then null
                else greatest(0, round({{ quotient('j.weighted_points', '100') }} - j.deducted_points, 4))
            end as decimal(9, 4)
        ) as score
    from judged as j
),

pay as (
    {{ pay_by_curve('scored') }}
),

-- A month under a veto is due no more than the veto leaves, or the settlement would pay back what it took.
due as (
    select
        p.month,
        p.institution_id,
        max(p.coefficient) as coefficient,
        sum(case when p.coefficient > v.pay_cap then v.pay_cap else p.coefficient end) as coefficients_due
    from pay as p
    inner join {{ ref('kpi_window') }} as w
        on p.month = w.month
    left join {{ ref('score_pay_cap') }} as v
        on
            w.member_month = v.month
            and p.institution_id = v.institution_id
    where
        w.kpi_window = 'ytd'
        and p.preference = 1
    group by
        p.month,
        p.institution_id
)

select
    s.month,
    s.year,
    s.institution_id,
    s.institution_name,
    s.institution_tier,
    cast(s.months_present as integer) as months_present,
    s.months_due,
    cast(round(s.monthly_mean, 4) as decimal(9, 4)) as monthly_mean,
    cast(round(s.indicator_score, 4) as decimal(9, 4)) as indicator_score,
    cast(round(s.coverage_pct, 4) as decimal(9, 4)) as indicator_coverage_pct,
    cast(round(s.mutual_score, 4) as decimal(9, 4)) as mutual_score,
    cast(s.raters as integer) as raters,
    cast(s.suspect_ratings as integer) as suspect_ratings,
    cast(s.deducted_points as decimal(9, 4)) as deducted_points,
    s.deducted_for,
    s.score,
    d.coefficient as pay_coefficient,
    cast(s.coefficients_paid as decimal(9, 6)) as coefficients_paid,
    cast(d.coefficients_due as decimal(9, 6)) as coefficients_due,
    cast(d.coefficients_due - s.coefficients_paid as decimal(9, 6)) as coefficients_to_settle,
    s.status
from scored as s
left join due as d
    on
        s.month = d.month
        and s.institution_id = d.institution_id
