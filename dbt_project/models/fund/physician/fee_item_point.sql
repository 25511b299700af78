-- Grain: deliverer_id, item_code.
-- Points of one unit of an item by the county's catalogue (work + risk), under every local code of the item: the
-- same item has the same points everywhere (REQ-112). A code that the catalogue itself lists goes before one that
-- only means the same.
with catalogue as (
    select
        item_code,
        work_points + risk_points as points,
        role_split
    from (
        select
            *,
            row_number() over (
                partition by item_code
                order by
                    deliverer_id asc nulls last
            ) as place
        from {{ ref('dim_fee_point') }}
    ) as p
    where place = 1
),

means as (
    select
        s.normalised_item_code,
        min(c.item_code) as item_code
    from {{ ref('dim_service_item') }} as s
    inner join catalogue as c
        on s.item_code = c.item_code
    where s.normalised_item_code is not null
    group by s.normalised_item_code
    having count(distinct c.item_code) = 1
),

local_item as (
    select
        deliverer_id,
        item_code,
        max(normalised_item_code) as normalised_item_code
    from {{ ref('dim_service_item') }}
    group by
        deliverer_id,
        item_code
)

select
    l.deliverer_id,
    l.item_code,
    c.item_code as catalogue_item_code,
    cast(c.points as decimal(18, 6)) as points,
    c.role_split
from local_item as l
left join means as m
    on l.normalised_item_code = m.normalised_item_code
left join catalogue as o
    on l.item_code = o.item_code
inner join catalogue as c
    on coalesce(o.item_code, m.item_code) = c.item_code
