-- What a fact joins: one row per code as it was delivered, with its reading.
select
    s.feed,
    s.terminology,
    s.deliverer_id,
    s.code_version,
    s.source_code,
    s.code_system,
    r.target_code,
    r.method,
    r.map_status,
    r.candidates,
    r.needs_review,
    r.map_version
from {{ ref('code_source') }} as s
inner join {{ ref('code_reading') }} as r
    on
        s.terminology = r.terminology
        and s.code_system = r.code_system
        and s.source_code = r.source_code
