-- Grain: month, deliverer_id, equipment_id.
select
    e.deliverer_id,
    e.equip_id as equipment_id,
    e.delivery_month as month,
    e.org_code as institution_id,
    m.last_day as event_date,
    e.owner_org as owner_institution_id,
    e.equip_class as equipment_class,
    e.equip_name as equipment_name,
    e.original_value as original_value_fen,
    e.buy_date,
    e.service_years,
    e.avail_hours_month as available_hours,
    cast(e.avail_hours_month * 60 as decimal(18, 4)) as available_minutes,
    e.status,
    e.source_batch_id,
    e.source_file,
    e.source_line
from {{ ref('stg_his_equipment') }} as e
inner join {{ ref('dim_month') }} as m
    on e.delivery_month = m.month
