-- Grain: diagnosis_code.
with known as (
    {{ codes_of_facts('diagnosis') }}
)

select
    k.code as diagnosis_code,
    n.name_zh as diagnosis_name,
    {{ icd_category('k.code') }} as category_code
from known as k
left join {{ incoming('reference', 'nhsa_code') }} as n
    on
        n.terminology = 'diagnosis'
        and k.code = n.code
