-- KPI-016, 017, 018: 016 and 018 items of the half-year's checklist (state, in every month of it), achieved only with a
-- document that proves it; 017 major items of the month's meetings, those with participation only if the resolution has
-- a number. Items belong to an alliance, meetings name none: they count for the county.
select
    m.month,
    cast(null as string) as institution_id,
    g.alliance_id as community_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    m.last_day as event_date,
    case when g.item_category = '1' then (case when g.is_achieved and g.has_evidence then 1 else 0 end) end
        as unified_items_achieved,
    case when g.item_category = '1' then 1 end as unified_items,
    case when g.item_category = '3' then (case when g.is_achieved and g.has_evidence then 1 else 0 end) end
        as coordinated_items_achieved,
    case when g.item_category = '3' then 1 end as coordinated_items,
    cast(null as integer) as participated_items,
    cast(null as integer) as major_items,
    'gov_checklist' as source_feed,
    g.source_batch_id,
    g.source_file,
    g.source_line
from {{ ref('fct_governance_item') }} as g
inner join {{ ref('dim_month') }} as m
    on g.period = cast(m.year as string) || 'H' || (case when m.month_of_year > 6 then '2' else '1' end)

union all

select
    g.month,
    cast(null as string) as institution_id,
    cast(null as string) as community_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    g.event_date,
    cast(null as integer) as unified_items_achieved,
    cast(null as integer) as unified_items,
    cast(null as integer) as coordinated_items_achieved,
    cast(null as integer) as coordinated_items,
    case when g.has_resolution then least(g.participated_items, g.major_items) else 0 end as participated_items,
    g.major_items,
    'gov_meeting' as source_feed,
    g.source_batch_id,
    g.source_file,
    g.source_line
from {{ ref('fct_governance_meeting') }} as g
inner join {{ ref('dim_month') }} as m
    on g.month = m.month
