-- A code that looks like one and that a prescription or charge names without a row in its dimension.
with used as (
    select
        'drug' as item_terminology,
        deliverer_id,
        drug_code as item_code
    from {{ ref('fct_prescription_item') }}
    union distinct
    select
        item_terminology,
        deliverer_id,
        item_code
    from {{ ref('fct_fee_line') }}
),

known as (
    select
        'drug' as item_terminology,
        deliverer_id,
        drug_code as item_code
    from {{ ref('dim_drug') }}
    union all
    select
        item_terminology,
        deliverer_id,
        item_code
    from {{ ref('dim_service_item') }}
)

select u.*
from used as u
left join known as k
    on
        u.item_terminology = k.item_terminology
        and u.deliverer_id = k.deliverer_id
        and u.item_code = k.item_code
where
    {{ looks_like_a_code('u.item_code') }}
    and k.item_code is null
