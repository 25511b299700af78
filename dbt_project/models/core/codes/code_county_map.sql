{#
  The county's own decisions (codes/*.xlsx, *.csv), one row per deliverer, code and period. A row for one institution
  takes the place of every county-wide row for the same code.
#}
with deliverer as (
    select distinct delivered_by as deliverer_id
    from {{ incoming('county', 'institution') }}
    union
    select distinct institution_id as deliverer_id
    from {{ incoming('county', 'expected_delivery') }}
),

own as (
    select distinct
        terminology,
        institution_id,
        source_code
    from {{ incoming('reference', 'county_code_map') }}
    where institution_id is not null
)

select
    m.terminology,
    d.deliverer_id,
    m.source_code,
    m.target_code,
    m.effective_from,
    coalesce(m.effective_to, make_date(9999, 12, 31)) as effective_to,
    m.decided_by,
    m.decided_on,
    'county ' || cast(m.decided_on as string) as map_version
from {{ incoming('reference', 'county_code_map') }} as m
cross join deliverer as d
left join own as o
    on
        m.terminology = o.terminology
        and d.deliverer_id = o.institution_id
        and m.source_code = o.source_code
where
    m.institution_id = d.deliverer_id
    or (m.institution_id is null and o.institution_id is null)
