-- Grain: unit_level, unit_id.
-- Whom a figure can belong to above departments: the county, its medical communities (县域医共体), its institutions. What
-- belongs to none of a level is a unit of its own ('-'), so that every level adds up to the county.
select
    'county' as unit_level,
    c.region_code as unit_id,
    c.county_name as unit_name,
    'region' as unit_tier,
    cast(null as string) as parent_unit_id
from {{ incoming('county', 'county') }} as c

union all

select distinct
    'community' as unit_level,
    i.alliance_id as unit_id,
    i.alliance_name as unit_name,
    'alliance' as unit_tier,
    c.region_code as parent_unit_id
from {{ ref('dim_institution') }} as i
cross join {{ incoming('county', 'county') }} as c

union all

select
    'institution' as unit_level,
    institution_id as unit_id,
    institution_name as unit_name,
    institution_tier as unit_tier,
    alliance_id as parent_unit_id
from {{ ref('dim_institution') }}

union all

select
    l.unit_level,
    '-' as unit_id,
    '未归属' as unit_name,
    'none' as unit_tier,
    cast(null as string) as parent_unit_id
from (
    values ('community'), ('institution')
) as l (unit_level)
