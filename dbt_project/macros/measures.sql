{# Measures: what an event adds. An evidence model marks its columns (`meta.measure`), and everything above loops over them. #}

{# Measures of a subject whose meta has `mark`: measure (all of them), or distribution (single values are needed too). #}
{% macro measures_of(subject, mark='measure') -%}
    {%- set columns = graph.nodes['model.' ~ project_name ~ '.kpi_evidence__' ~ subject].columns if execute else {} -%}
    {%- set found = [] -%}
    {%- for column in columns.values() if column.config.get('meta', {}).get(mark) -%}
        {%- do found.append(column.name) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# Levels below the institution that a subject's events name (`meta.levels` of its evidence model). #}
{% macro levels_of(subject) -%}
    {%- set node = graph.nodes['model.' ~ project_name ~ '.kpi_evidence__' ~ subject] if execute else {} -%}
    {{ return(node.config.get('meta', {}).get('levels', []) if execute else []) }}
{%- endmacro %}

{#
  Sums of a subject's measures by month and institution and, as far as its events name them, department and member of
  staff: one pass. An event belongs to the community of its institution, unless its view says another (`community_id`).
  by_week: of institutions only, each month's events by the week of their day.
#}
{% macro summed_measures(subject, view, by_week=false) -%}
{%- set measures = measures_of(subject) -%}
{%- set levels = [] if by_week else levels_of(subject) -%}
{%- set when = 'week, month' if by_week else 'month' -%}
select
    '{{ subject }}' as subject,
    m.measure,
    {%- if by_week %}
    g.week,
    {%- endif %}
    g.month,
    g.institution_id,
    g.community_id,
    case
        when g.no_department = 0 then 'department'
        when g.no_staff = 0 then 'physician'
        else 'institution'
    end as unit_level,
    g.department_code,
    g.staff_id,
    cast(
        case m.measure
            {%- for name in measures %}
            when '{{ name }}' then g.{{ name }}
            {%- endfor %}
        end as decimal(18, 4)
    ) as amount,
    case m.measure
        {%- for name in measures %}
        when '{{ name }}' then g.{{ name }}_rows
        {%- endfor %}
    end as sample_size
from (
    select
        {{ when }},
        institution_id,
        community_id,
        {{ 'department_code' if 'department' in levels else 'cast(null as string) as department_code' }},
        {{ 'staff_id' if 'physician' in levels else 'cast(null as string) as staff_id' }},
        {{ 'grouping(department_code)' if 'department' in levels else '1' }} as no_department,
        {{ 'grouping(staff_id)' if 'physician' in levels else '1' }} as no_staff,
        {%- for name in measures %}
        sum({{ name }}) as {{ name }},
        count(case when {{ name }} <> 0 then 1 end) as {{ name }}_rows{{ "," if not loop.last }}
        {%- endfor %}
    from ({{ with_community(subject, view, by_week) }}) as e
    group by grouping sets (
        {%- for level in levels %}
        ({{ when }}, institution_id, community_id, {{ {'department': 'department_code', 'physician': 'staff_id'}[level] }}),
        {%- endfor %}
        ({{ when }}, institution_id, community_id)
    )
) as g
cross join (
    values
    {%- for name in measures %}
    ('{{ name }}'){{ "," if not loop.last }}
    {%- endfor %}
) as m (measure)
{%- endmacro %}

{# The events of a subject with the community each belongs to; nobody's is '-', as is an institution nobody is. #}
{% macro with_community(subject, view, by_week=false) -%}
{%- set columns = graph.nodes['model.' ~ project_name ~ '.kpi_evidence__' ~ subject].columns if execute else {} -%}
{%- set own = 'community_id' in columns -%}
select
    v.month,
    {%- if by_week %}
    {{ week_of('v.event_date') }} as week,
    {%- endif %}
    coalesce(i.institution_id, '-') as institution_id,
    coalesce({{ 'v.community_id, ' if own }}i.alliance_id, '-') as community_id,
    v.department_code,
    v.staff_id,
    {%- for name in measures_of(subject) %}
    v.{{ name }}{{ "," if not loop.last }}
    {%- endfor %}
from {{ view }} as v
left join {{ ref('dim_institution') }} as i
    on v.institution_id = i.institution_id
{%- endmacro %}
