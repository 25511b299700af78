-- Grain: procedure_code.
-- Of the insurance edition 2.0 the codes that facts can carry: what delivered codes are read as, and what the county
-- maps them to.
with known as (
    select target_code as procedure_code
    from {{ ref('code_translation') }}
    where
        terminology = 'procedure'
        and target_code is not null
    union distinct
    select target_code as procedure_code
    from {{ ref('code_county_map') }}
    where terminology = 'procedure'
)

select
    k.procedure_code,
    n.name_zh as procedure_name,
    substr(k.procedure_code, 1, 2) as category_code
from known as k
left join {{ incoming('reference', 'nhsa_code') }} as n
    on
        n.terminology = 'procedure'
        and k.procedure_code = n.code
