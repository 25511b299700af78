-- KPI-017: major items of the month's meetings, those with participation only if the resolution has a number. Meetings
-- name no alliance: they count for the county.
select
    g.month,
    cast(null as string) as institution_id,
    cast(null as string) as community_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    g.event_date,
    case when g.has_resolution then least(g.participated_items, g.major_items) else 0 end as participated_items,
    g.major_items,
    'gov_meeting' as source_feed,
    g.source_batch_id,
    g.source_file,
    g.source_line
from {{ ref('fct_governance_meeting') }} as g
inner join {{ ref('dim_month') }} as m
    on g.month = m.month
