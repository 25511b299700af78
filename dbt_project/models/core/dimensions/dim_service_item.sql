-- Grain: deliverer_id, item_code, item_terminology.
-- What a local code of a service or consumable stands for, as charges say that use it; prices without reversals. A code
-- that does not look like one could be anything, a person's name too: it is left out.
{% set attributes = ['normalised_item_code', 'item_type', 'charged_fen'] %}
with line as (
    select
        deliverer_id,
        item_code,
        item_terminology,
        month,
        normalised_item_code,
        item_type,
        case when not is_reversal then price_fen end as charged_fen,
        count(*) as line_count
    from {{ ref('fct_fee_line') }}
    where
        item_terminology <> 'drug'
        and {{ looks_like_a_code('item_code') }}
    group by
        deliverer_id,
        item_code,
        item_terminology,
        month,
        normalised_item_code,
        item_type,
        case when not is_reversal then price_fen end
),

said as (
    {{ said_by_lines('line', ['deliverer_id', 'item_code', 'item_terminology'], attributes) }}
),

priced as (
    select
        deliverer_id,
        item_code,
        item_terminology,
        count(distinct charged_fen) as prices
    from line
    group by
        deliverer_id,
        item_code,
        item_terminology
),

item as (
    select
        p.deliverer_id,
        p.item_code,
        p.item_terminology,
        p.prices,
        {%- for attribute in attributes %}
        {{ said(attribute) }} as {{ attribute }},
        {%- endfor %}
        coalesce(sum(case when s.attribute <> 'charged_fen' then s.other_lines end), 0) as disagreeing_cells
    from priced as p
    left join said as s
        on
            p.deliverer_id = s.deliverer_id
            and p.item_code = s.item_code
            and p.item_terminology = s.item_terminology
    group by
        p.deliverer_id,
        p.item_code,
        p.item_terminology,
        p.prices
)

select
    i.deliverer_id,
    i.item_code,
    i.item_terminology,
    n.source_name as item_name,
    case when {{ looks_like_a_code('i.normalised_item_code') }} then i.normalised_item_code end as normalised_item_code,
    i.item_type,
    cast(i.charged_fen as bigint) as latest_price_fen,
    cast(i.prices as integer) as prices,
    cast(i.disagreeing_cells as bigint) as disagreeing_cells
from item as i
left join {{ ref('code_name') }} as n
    on
        n.feed = 'his_fee_detail'
        and i.item_terminology = n.terminology
        and i.deliverer_id = n.deliverer_id
        and i.item_code = n.source_code
