-- Grain: institution_id.
-- The county's configuration says who belongs; the organisation feed adds what the county centre knows of them.
with described as (
    select
        *,
        row_number() over (
            partition by institution_id
            order by valid_from desc nulls last
        ) as period_number
    from {{ ref('dim_institution_history') }}
    where valid_from <= (select max(m.last_day) from {{ ref('dim_month') }} as m)
)

select
    i.institution_id,
    i.institution_name,
    i.tier as institution_tier,
    i.parent_id,
    i.alliance_id,
    i.alliance_name,
    i.peer_group,
    i.urban_rural,
    i.delivered_by,
    i.tier in ('township', 'community', 'village') as is_primary_care,
    i.tier in ('county_lead', 'county') as is_county_hospital,
    o.hospital_grade_code,
    o.legal_entity_type,
    o.approved_beds,
    o.source_batch_id,
    o.source_file,
    o.source_line
from {{ incoming('county', 'institution') }} as i
left join described as o
    on
        i.institution_id = o.institution_id
        and o.period_number = 1
