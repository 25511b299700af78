{% set views = {
    'attending_physician': ref('kpi_evidence__attending_physician'),
    'casemix': ref('kpi_evidence__casemix'),
    'death': ref('kpi_evidence__death'),
    'exam_performed': ref('kpi_evidence__exam_performed'),
    'performance_pay': ref('kpi_evidence__performance_pay'),
    'population': ref('kpi_evidence__population'),
} %}
{% set institutions = ref('dim_institution') %}
-- Single events of the measures of which more than the sum is asked: a median (amount) or how many different (item).
-- One row per event and measure.
{% for subject, view in views.items() %}
{% set columns = graph.nodes['model.' ~ project_name ~ '.kpi_evidence__' ~ subject].columns if execute else {} %}
{% for measure in measures_of(subject, 'distribution') %}
{% set item = columns[measure].config.get('meta', {}).get('distinct') if execute else none %}
select
    '{{ subject }}' as subject,
    '{{ measure }}' as measure,
    v.month,
    coalesce(i.institution_id, '-') as institution_id,
    coalesce({{ 'v.community_id, ' if 'community_id' in columns }}i.alliance_id, '-') as community_id,
    v.department_code,
    v.staff_id,
    cast(v.{{ measure }} as decimal(18, 4)) as amount,
    cast({{ 'v.' ~ item if item else 'null' }} as string) as item
from {{ view }} as v
left join {{ institutions }} as i
    on v.institution_id = i.institution_id
where v.{{ measure }} is not null
{% if not loop.last %}union all{% endif %}
{% endfor %}
{% if not loop.last %}union all{% endif %}
{% endfor %}
