-- Grain: month, institution_id.
-- How many of an institution's physicians earned points for assistance in a month. Source: REQ-117.
with physician as (
    select distinct
        month,
        institution_id,
        staff_id
    from {{ ref('dim_staff_month') }}
    where staff_type in ('11', '12')
),

helper as (
    select distinct
        {{ month_of('entry_date') }} as month,
        staff_id
    from {{ ref('assistance_entry') }}
    where
        entry_kind = 'earned'
        and asked_points > 0
)

select
    p.month,
    p.institution_id,
    count(*) as people,
    count(h.staff_id) as helpers,
    round(100 * {{ quotient('count(h.staff_id)', 'count(*)') }}, 6) as participation_pct
from physician as p
left join helper as h
    on
        p.month = h.month
        and p.staff_id = h.staff_id
group by
    p.month,
    p.institution_id
