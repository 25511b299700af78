-- Grain: month, institution_id, staff_id, part.
-- One part of a physician's capability over the twelve months that end with a month, beside peers of the same
-- specialty and tier only. Few cases are drawn to the mean of the peers: (total + k x mean) / (cases + k) (methods
-- H.9). Shown from a minimum of cases on, with interval and place among those shown.
with physician as (
    select distinct
        p.month,
        p.institution_id,
        p.staff_id
    from {{ ref('staff_point') }} as p
    inner join {{ ref('policy_code') }} as c
        on
            p.month = c.month
            and c.code_set in ('physician_staff_type', 'village_physician_staff_type')
            and p.staff_type = c.code
),

peer as (
    select
        p.month,
        p.institution_id,
        p.staff_id,
        i.institution_tier,
        coalesce(u.specialty_code, u.department_name, d.department_code, '-') as specialty,
        m.month_number
    from physician as p
    inner join {{ ref('dim_month') }} as m
        on p.month = m.month
    inner join {{ ref('dim_institution') }} as i
        on p.institution_id = i.institution_id
    left join {{ ref('staff_department') }} as d
        on
            p.month = d.month
            and p.institution_id = d.institution_id
            and p.staff_id = d.staff_id
    left join {{ ref('dim_department') }} as u
        on
            d.institution_id = u.institution_id
            and d.department_code = u.department_code
),

-- A volume is so much a month; everything else is a mean of cases.
over_year as (
    select
        p.month,
        p.institution_id,
        p.staff_id,
        p.institution_tier,
        p.specialty,
        s.part,
        sum(s.cases) as cases,
        case when s.part = 'volume' then cast(count(*) as double) else sum(s.cases) end as divisor,
        sum(s.total) as total,
        sum(s.squares) as squares
    from peer as p
    inner join {{ ref('physician_capability_sum') }} as s
        on
            p.institution_id = s.institution_id
            and p.staff_id = s.staff_id
    inner join {{ ref('dim_month') }} as t
        on s.month = t.month
    where t.month_number between p.month_number - 11 and p.month_number
    group by
        p.month,
        p.institution_id,
        p.staff_id,
        p.institution_tier,
        p.specialty,
        s.part
),

rule as (
    select
        m.month,
        r.part,
        r.weight,
        r.shrinkage,
        r.minimum_cases
    from {{ ref('dim_month') }} as m
    inner join {{ incoming('policy', 'capability_rule') }} as r
        on {{ in_force('r', 'm.last_day') }}
),

beside_peers as (
    select
        o.*,
        r.weight,
        cast(r.shrinkage as double) as shrinkage,
        r.minimum_cases,
        o.cases >= r.minimum_cases as is_shown,
        {{ quotient(
            'sum(o.total) over (partition by o.month, o.institution_tier, o.specialty, o.part)',
            'sum(o.divisor) over (partition by o.month, o.institution_tier, o.specialty, o.part)'
        ) }} as peer_mean
    from over_year as o
    inner join rule as r
        on
            o.month = r.month
            and o.part = r.part
),

with_error as (
    select
        *,
        -- One case says nothing of how far cases lie apart.
        case
            when cases > 1
                then sqrt(greatest(0, {{ quotient(
                    'cases * squares - total * total', 'cases * cases * (cases - 1)'
                ) }}))
        end as standard_error
    from beside_peers
),

shrunk as (
    select
        *,
        {{ quotient('total', 'divisor') }} as value,
        {{ quotient('total + shrinkage * peer_mean', 'divisor + shrinkage') }} as shrunk_value,
        case
            when part in ('quality', 'judgement', 'peer_judgement') then {{ wilson('total', 'cases', '-') }}
            when part = 'difficulty'
                then {{ quotient('total', 'cases') }} - 1.959963984540054 * standard_error
        end as value_low,
        case
            when part in ('quality', 'judgement', 'peer_judgement') then {{ wilson('total', 'cases', '+') }}
            when part = 'difficulty'
                then {{ quotient('total', 'cases') }} + 1.959963984540054 * standard_error
        end as value_high
    from with_error
),

rounded as (
    select
        *,
        cast(round(shrunk_value, 6) as decimal(18, 6)) as shown_value
    from shrunk
),

ranked as (
    select
        *,
        rank() over (
            partition by month, institution_tier, specialty, part, is_shown
            order by shown_value asc nulls last
        ) as place,
        count(*) over (partition by month, institution_tier, specialty, part, is_shown) as peers,
        count(*) over (partition by month, institution_tier, specialty, part, is_shown, shown_value) as equals
    from rounded
)

select
    month,
    institution_id,
    staff_id,
    part,
    institution_tier,
    specialty,
    cast(cases as bigint) as cases,
    cast(minimum_cases as bigint) as minimum_cases,
    is_shown,
    cast(round(weight, 6) as decimal(9, 6)) as weight,
    case when is_shown then cast(round(value, 6) as decimal(18, 6)) end as value,
    case when is_shown then cast(round(value_low, 6) as decimal(18, 6)) end as value_low,
    case when is_shown then cast(round(value_high, 6) as decimal(18, 6)) end as value_high,
    case when is_shown then shown_value end as shrunk_value,
    cast(round(peer_mean, 6) as decimal(18, 6)) as peer_mean,
    cast(case when is_shown then peers end as bigint) as peers,
    -- Half of those with the same value count as below.
    case
        when is_shown
            then cast(round({{ quotient('100 * (place - 1) + 50 * (equals - 1)', 'peers - 1') }}, 4) as decimal(9, 4))
    end as peer_percentile
from ranked
