-- Grain: institution_id.
-- The county's configuration says who belongs; the organisation feed adds what the county centre knows of them.
with newest_organisation as (
    select
        org_code,
        hosp_grade,
        legal_entity_type,
        approved_beds,
        source_batch_id,
        source_file,
        source_line,
        row_number() over (
            partition by org_code
            order by
                valid_from desc nulls last,
                deliverer_id asc nulls last,
                source_batch_id desc nulls last,
                source_line desc nulls last
        ) as version_number
    from {{ ref('stg_his_org') }}
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
    o.hosp_grade as hospital_grade_code,
    o.legal_entity_type,
    o.approved_beds,
    o.source_batch_id,
    o.source_file,
    o.source_line
from {{ incoming('county', 'institution') }} as i
left join newest_organisation as o
    on
        i.institution_id = o.org_code
        and o.version_number = 1
