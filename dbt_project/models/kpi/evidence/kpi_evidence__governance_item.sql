-- KPI-016, 018: items of the half-year's checklist (state, in every month of it), achieved only with a document that
-- proves it.
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
    'gov_checklist' as source_feed,
    g.source_batch_id,
    g.source_file,
    g.source_line
from {{ ref('fct_governance_item') }} as g
inner join {{ ref('dim_month') }} as m
    on g.period = cast(m.year as string) || 'H' || (case when m.month_of_year > 6 then '2' else '1' end)
