-- Grain: procedure_code.
with known as (
    {{ codes_of_facts('procedure') }}
)

select
    k.code as procedure_code,
    n.name_zh as procedure_name,
    substr(k.code, 1, 2) as category_code
from known as k
left join {{ incoming('reference', 'nhsa_code') }} as n
    on
        n.terminology = 'procedure'
        and k.code = n.code
