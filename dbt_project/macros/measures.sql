{# Measures: what an event adds. An evidence view marks its columns (`meta.measure`), and everything above loops over them. #}

{# Measures of a subject whose meta has `mark`: measure (all of them), or distribution (single values are needed too). #}
{% macro measures_of(subject, mark='measure') -%}
    {%- set columns = graph.nodes['model.' ~ project_name ~ '.kpi_evidence__' ~ subject].columns if execute else {} -%}
    {%- set found = [] -%}
    {%- for column in columns.values() if column.config.get('meta', {}).get(mark) -%}
        {%- do found.append(column.name) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# Sums of a subject's measures by month and institution, department and member of staff: one pass over its events. #}
{% macro summed_measures(subject, view) -%}
{%- set measures = measures_of(subject) -%}
select
    '{{ subject }}' as subject,
    m.measure,
    g.month,
    g.institution_id,
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
        month,
        institution_id,
        department_code,
        staff_id,
        grouping(department_code) as no_department,
        grouping(staff_id) as no_staff,
        {%- for name in measures %}
        sum({{ name }}) as {{ name }},
        count(case when {{ name }} <> 0 then 1 end) as {{ name }}_rows{{ "," if not loop.last }}
        {%- endfor %}
    from {{ view }}
    group by grouping sets (
        (month, institution_id),
        (month, institution_id, department_code),
        (month, institution_id, staff_id)
    )
) as g
cross join (
    values
    {%- for name in measures %}
    ('{{ name }}'){{ "," if not loop.last }}
    {%- endfor %}
) as m (measure)
{%- endmacro %}
