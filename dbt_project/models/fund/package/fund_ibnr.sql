-- Grain: month, settled_month, community_id, insurance_type_code.
-- What was spent outside the county in a month of the year and is not known yet (IBNR): what is known, divided by the
-- share that is known at that age. Where nothing is known at that age, what the months before come to on average.
-- Once a month is complete, it is what is known. By the rule the year was decided by. Source: methods O2; REQ-146.
with rule as (
    select
        p.month,
        p.budget_year,
        p.month_number,
        r.insurance as insurance_type_code,
        r.mature_after_months
    from {{ ref('fund_position') }} as p
    inner join {{ incoming('policy', 'package_rule') }} as r
        on {{ in_force('r', 'p.decided_on') }}
),

outside as (
    select
        month_number,
        known_month_number,
        community_id,
        insurance_type_code,
        sum(fund_fen) as fund_fen
    from {{ ref('fund_spend') }}
    where place = 'out_of_county'
    group by
        month_number,
        known_month_number,
        community_id,
        insurance_type_code
),

first_seen as (
    select
        r.month,
        min(o.known_month_number) as first_delivery,
        min(o.known_month_number - o.month_number) as first_age
    from rule as r
    inner join outside as o
        on r.month_number >= o.known_month_number
    group by r.month
),

settled_month as (
    select month_number from outside
    union distinct
    select month_number from {{ ref('dim_month') }}
),

package as (
    select distinct
        community_id,
        insurance_type_code
    from {{ ref('fund_package') }}
),

asked as (
    select
        r.month,
        r.budget_year,
        r.month_number,
        r.mature_after_months,
        s.month_number as settled_number,
        cast(r.month_number - s.month_number as integer) as age_months,
        p.community_id,
        p.insurance_type_code
    from rule as r
    inner join settled_month as s
        on r.month_number >= s.month_number
    inner join package as p
        on r.insurance_type_code = p.insurance_type_code
),

reported as (
    select
        r.month,
        r.budget_year,
        o.month_number as settled_number,
        o.community_id,
        o.insurance_type_code,
        cast(sum(o.fund_fen) as bigint) as reported_fen
    from rule as r
    inner join outside as o
        on
            r.insurance_type_code = o.insurance_type_code
            and r.month_number >= o.known_month_number
    group by
        r.month,
        r.budget_year,
        o.month_number,
        o.community_id,
        o.insurance_type_code
),

grown as (
    select
        a.*,
        f.origin as factor_origin,
        f.known_numerator,
        f.known_denominator,
        coalesce(r.reported_fen, 0) as reported_fen,
        a.age_months >= a.mature_after_months as is_complete,
        coalesce(s.first_delivery <= a.settled_number + s.first_age, false) as is_seen_whole
    from asked as a
    left join reported as r
        on
            a.month = r.month
            and a.budget_year = r.budget_year
            and a.settled_number = r.settled_number
            and a.community_id = r.community_id
            and a.insurance_type_code = r.insurance_type_code
    left join {{ ref('fund_completion') }} as f
        on
            a.month = f.month
            and a.budget_year = f.budget_year
            and a.age_months = f.age_months
    left join first_seen as s
        on a.month = s.month
),

by_age as (
    select
        *,
        case
            when is_complete then reported_fen
            when known_numerator > 0
                then
                    case when reported_fen < 0 then -1 else 1 end * cast({{ divide_half_up(
                        wide('abs(reported_fen)') ~ ' * known_denominator', 'known_numerator'
                    ) }} as bigint)
        end as estimated_fen
    from grown
),

months_before as (
    select
        a.month,
        a.budget_year,
        a.settled_number,
        a.community_id,
        a.insurance_type_code,
        greatest(cast(sum(b.estimated_fen) as bigint), 0) as estimated_fen,
        count(*) as months
    from by_age as a
    inner join by_age as b
        on
            a.month = b.month
            and a.budget_year = b.budget_year
            and a.community_id = b.community_id
            and a.insurance_type_code = b.insurance_type_code
            and a.settled_number > b.settled_number
            and a.settled_number <= b.settled_number + a.mature_after_months
    where
        a.estimated_fen is null
        and b.estimated_fen is not null
        and b.is_seen_whole
    group by
        a.month,
        a.budget_year,
        a.settled_number,
        a.community_id,
        a.insurance_type_code
),

estimated as (
    select
        a.*,
        case
            when a.is_complete then 'complete'
            when a.estimated_fen is not null then 'completion'
            when b.months is not null then 'months_before'
            else 'unknown'
        end as estimated_by,
        case
            when a.estimated_fen is not null then a.estimated_fen
            when b.months is not null
                then greatest({{ divide_half_up('b.estimated_fen', 'b.months') }}, a.reported_fen)
        end as whole_fen
    from by_age as a
    left join months_before as b
        on
            a.month = b.month
            and a.budget_year = b.budget_year
            and a.settled_number = b.settled_number
            and a.community_id = b.community_id
            and a.insurance_type_code = b.insurance_type_code
)

select
    e.month,
    e.budget_year,
    d.month as settled_month,
    e.community_id,
    e.insurance_type_code,
    e.age_months,
    e.reported_fen,
    e.known_numerator,
    e.known_denominator,
    e.factor_origin,
    e.estimated_by,
    e.whole_fen as estimated_fen,
    e.whole_fen - e.reported_fen as unreported_fen
from estimated as e
inner join {{ ref('dim_month') }} as d
    on
        e.settled_number = d.month_number
        and e.budget_year = d.year
