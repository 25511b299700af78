-- Grain: diagnosis_code.
-- Of the insurance edition 2.0 the codes that facts can carry: what delivered codes are read as, and what the county
-- maps them to.
with known as (
    select target_code as diagnosis_code
    from {{ ref('code_translation') }}
    where
        terminology = 'diagnosis'
        and target_code is not null
    union distinct
    select target_code as diagnosis_code
    from {{ ref('code_county_map') }}
    where terminology = 'diagnosis'
)

select
    k.diagnosis_code,
    n.name_zh as diagnosis_name,
    {{ icd_category('k.diagnosis_code') }} as category_code
from known as k
left join {{ incoming('reference', 'nhsa_code') }} as n
    on
        n.terminology = 'diagnosis'
        and k.diagnosis_code = n.code
