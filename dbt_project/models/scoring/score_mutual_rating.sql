-- What institutions think of each other in a year, one row per month of the year and rating in force; with whether
-- its rater told anybody from anybody: gave everybody the highest points, or everybody the same.
with rating as (
    select
        m.month,
        r.rater_id,
        r.institution_id,
        cast(r.points as decimal(9, 4)) as points,
        cast(r.ballots as bigint) as ballots
    from {{ ref('dim_month') }} as m
    inner join {{ incoming('policy', 'mutual_assessment') }} as r
        on
            m.year = r.year
            and {{ in_force('r', 'm.last_day') }}
),

rater as (
    select
        month,
        rater_id,
        min(points) as lowest,
        max(points) as highest,
        count(*) as ratings
    from rating
    group by
        month,
        rater_id
)

select
    g.month,
    g.rater_id,
    g.institution_id,
    g.points,
    g.ballots,
    r.lowest = 100 as is_all_highest,
    r.ratings > 1 and r.lowest = r.highest as is_without_spread
from rating as g
inner join rater as r
    on
        g.month = r.month
        and g.rater_id = r.rater_id
