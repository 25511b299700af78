select
    h.honour_id,
    h.institution_id,
    i.institution_tier,
    i.is_primary_care,
    h.year,
    h.kind,
    h.name_zh as honour_name,
    h.basis
from {{ incoming('policy', 'honour') }} as h
inner join {{ ref('dim_institution') }} as i
    on h.institution_id = i.institution_id
