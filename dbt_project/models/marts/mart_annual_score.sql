select
    s.month,
    s.year,
    s.institution_id,
    s.institution_name,
    s.institution_tier,
    s.months_present,
    s.months_due,
    s.monthly_mean,
    s.indicator_score,
    s.indicator_coverage_pct,
    s.mutual_score,
    s.raters,
    s.suspect_ratings,
    s.deducted_points,
    s.deducted_for,
    s.score,
    s.pay_coefficient,
    s.coefficients_paid,
    s.coefficients_due,
    s.coefficients_to_settle,
    s.status,
    m.release_id
from {{ ref('score_annual') }} as s
inner join {{ ref('dim_month') }} as m
    on s.month = m.month
