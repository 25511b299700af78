{{ config(materialized='view') }}
{% set views = {'exam_performed': ref('kpi_evidence__exam_performed')} %}
-- Single events of the measures of which more than the sum is asked (a median), one row per event and measure.
{% for subject, view in views.items() %}
{% for measure in measures_of(subject, 'distribution') %}
select
    '{{ subject }}' as subject,
    '{{ measure }}' as measure,
    month,
    institution_id,
    department_code,
    staff_id,
    cast({{ measure }} as decimal(18, 4)) as amount
from {{ view }}
where {{ measure }} is not null
{% if not loop.last %}union all{% endif %}
{% endfor %}
{% if not loop.last %}union all{% endif %}
{% endfor %}
