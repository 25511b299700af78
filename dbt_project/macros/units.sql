{# Units: parts of institutions added up to communities and the county. The CTEs that every such model has. #}

{# The parts of KPIs, of `kpi_part` as p and sums of measures as m grouped by KPI, time and unit. #}
{% macro summed_parts() -%}
    -- Cases below the line and none above it are 0, not unknown.
    coalesce(sum(case when p.part = 'numerator' then m.amount * p.coefficient end), 0) as numerator,
    sum(case when p.part = 'denominator' then m.amount * p.coefficient end) as denominator,
    sum(case when p.part = 'denominator' then m.sample_size end) as sample_size
{%- endmacro %}

{#
  missing: per KPI, month and institution how many deliveries are missing; missing_above: the same of communities and the county.
#}
{% macro missing_by_unit() -%}
missing as (
    select
        kpi_id,
        month,
        institution_id,
        count(*) as missing_deliveries
    from {{ ref('kpi_missing_delivery') }}
    group by
        kpi_id,
        month,
        institution_id
),

missing_above as (
    select
        d.kpi_id,
        d.month,
        u.unit_level,
        u.unit_id,
        count(distinct d.feed || '/' || d.deliverer_id) as missing_deliveries
    from {{ ref('kpi_missing_delivery') }} as d
    left join {{ ref('dim_institution') }} as i
        on d.institution_id = i.institution_id
    inner join {{ ref('dim_unit') }} as u
        on
            u.unit_level = 'county'
            -- What a platform owes for everybody, every community lacks.
            or (u.unit_level = 'community' and (i.alliance_id is null or i.alliance_id = u.unit_id))
    group by
        d.kpi_id,
        d.month,
        u.unit_level,
        u.unit_id
)
{%- endmacro %}

{#
  by_unit: the parts of `summed` (kpi_id, the columns of `when`, unit_level, institution_id, community_id, numerator, denominator,
  sample_size) at institutions, where each counts (kpi_home), communities and the county; who lacks a delivery counts in nothing above.
  To be used after missing_by_unit.
#}
{% macro at_units(when=['month']) -%}
at_home as (
    select
        s.kpi_id,
        {%- for column in when %}
        s.{{ column }},
        {%- endfor %}
        coalesce(h.home_id, '-') as home_id,
        s.community_id,
        s.numerator,
        s.denominator,
        s.sample_size,
        coalesce(m.missing_deliveries, 0) as missing_deliveries
    from summed as s
    left join {{ ref('kpi_home') }} as h
        on
            s.kpi_id = h.kpi_id
            and s.institution_id = h.institution_id
    left join missing as m
        on
            s.kpi_id = m.kpi_id
            and s.month = m.month
            and coalesce(h.home_id, '-') = m.institution_id
    where s.unit_level = 'institution'
),

by_unit as (
    select
        a.kpi_id,
        {%- for column in when %}
        a.{{ column }},
        {%- endfor %}
        'institution' as unit_level,
        a.home_id as unit_id,
        sum(a.numerator) as numerator,
        sum(a.denominator) as denominator,
        sum(a.sample_size) as sample_size
    from at_home as a
    group by
        a.kpi_id,
        {%- for column in when %}
        a.{{ column }},
        {%- endfor %}
        a.home_id

    union all

    select
        a.kpi_id,
        {%- for column in when %}
        a.{{ column }},
        {%- endfor %}
        u.unit_level,
        u.unit_id,
        sum(a.numerator) as numerator,
        sum(a.denominator) as denominator,
        sum(a.sample_size) as sample_size
    from at_home as a
    inner join {{ ref('dim_unit') }} as u
        on
            u.unit_level = 'county'
            or (u.unit_level = 'community' and a.community_id = u.unit_id)
    where a.missing_deliveries = 0
    group by
        a.kpi_id,
        {%- for column in when %}
        a.{{ column }},
        {%- endfor %}
        u.unit_level,
        u.unit_id
)
{%- endmacro %}

{#
  Of a department or person (`<institution>/<code>`) where it is, and its code there. Not the institution that counts it: a village
  clinic's figures stand with the one that keeps it.
#}
{% macro place_of_unit(unit) -%}
    substr({{ unit }}, 1, position('/' in {{ unit }}) - 1)
{%- endmacro %}

{% macro below_place_of_unit(unit) -%}
    substr({{ unit }}, position('/' in {{ unit }}) + 1)
{%- endmacro %}
