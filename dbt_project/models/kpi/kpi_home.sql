-- Where the events of an institution count, per KPI: with itself if it has a value of its own, a village's else with
-- the institution that keeps it, and else with nobody ('-').
select
    k.kpi_id,
    i.institution_id,
    case
        when {{ in_list('i.institution_tier', 'k.institution_tiers') }} then i.institution_id
        when {{ in_list('p.institution_tier', 'k.institution_tiers') }} then p.institution_id
        else '-'
    end as home_id
from {{ ref('dim_kpi') }} as k
cross join {{ ref('dim_institution') }} as i
left join {{ ref('dim_institution') }} as p
    on case when i.institution_tier = 'village' then i.parent_id end = p.institution_id
