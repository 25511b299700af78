-- Grain: deliverer_id, drug_code.
-- What a local drug code stands for, as prescriptions and charges say that use it; whether it is monitored, as
-- purchases of its insurance code say. A code that does not look like one could be anything, a person's name too: it is
-- left out.
{% set attributes = [
    'normalised_item_code', 'antibiotic_level', 'essential_flag', 'volume_based_flag', 'injection_flag', 'ddd_value',
] %}
with line as (
    select
        deliverer_id,
        drug_code,
        month,
        {%- for attribute in attributes %}
        {{ attribute }},
        {%- endfor %}
        count(*) as line_count
    from {{ ref('fct_prescription_item') }}
    where {{ looks_like_a_code('drug_code') }}
    group by
        deliverer_id,
        drug_code,
        month,
        {{ attributes | join(', ') }}
    union all
    select
        deliverer_id,
        item_code as drug_code,
        month,
        normalised_item_code,
        cast(null as string) as antibiotic_level,
        cast(null as string) as essential_flag,
        cast(null as string) as volume_based_flag,
        cast(null as string) as injection_flag,
        cast(null as decimal(10, 3)) as ddd_value,
        count(*) as line_count
    from {{ ref('fct_fee_line') }}
    where
        item_terminology = 'drug'
        and {{ looks_like_a_code('item_code') }}
    group by
        deliverer_id,
        item_code,
        month,
        normalised_item_code
),

said as (
    {{ said_by_lines('line', ['deliverer_id', 'drug_code'], attributes) }}
),

known as (
    select distinct
        deliverer_id,
        drug_code
    from line
),

drug as (
    select
        k.deliverer_id,
        k.drug_code,
        {%- for attribute in attributes %}
        {{ said(attribute) }} as {{ attribute }},
        {%- endfor %}
        coalesce(sum(s.other_lines), 0) as disagreeing_cells
    from known as k
    left join said as s
        on
            k.deliverer_id = s.deliverer_id
            and k.drug_code = s.drug_code
    group by
        k.deliverer_id,
        k.drug_code
),

purchase as (
    select
        nhsa_item_code,
        month,
        monitored_flag,
        count(*) as line_count
    from {{ ref('fct_purchase') }}
    where nhsa_item_code is not null
    group by
        nhsa_item_code,
        month,
        monitored_flag
),

monitored as (
    {{ said_by_lines('purchase', ['nhsa_item_code'], ['monitored_flag']) }}
)

select
    d.deliverer_id,
    d.drug_code,
    coalesce(p.source_name, c.source_name) as drug_name,
    case when {{ looks_like_a_code('d.normalised_item_code') }} then d.normalised_item_code end as normalised_item_code,
    d.antibiotic_level,
    d.essential_flag,
    d.volume_based_flag,
    d.injection_flag,
    cast(d.ddd_value as decimal(10, 3)) as ddd_value,
    m.value as monitored_flag,
    cast(d.disagreeing_cells as bigint) as disagreeing_cells
from drug as d
left join monitored as m
    on d.normalised_item_code = m.nhsa_item_code
left join {{ ref('code_name') }} as p
    on
        p.feed = 'his_rx_item'
        and p.terminology = 'drug'
        and d.deliverer_id = p.deliverer_id
        and d.drug_code = p.source_code
left join {{ ref('code_name') }} as c
    on
        c.feed = 'his_fee_detail'
        and c.terminology = 'drug'
        and d.deliverer_id = c.deliverer_id
        and d.drug_code = c.source_code
