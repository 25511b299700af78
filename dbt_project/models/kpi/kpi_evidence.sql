{{ config(materialized='view') }}
{% set subjects = [
    'recognition',
    'slot',
    'equipment',
    'staff',
    'referral_sent',
    'referral_received',
    'indicated_case',
    'first_contact',
    'stay',
    'settlement',
    'exam_ordered',
    'exam_performed',
    'lab',
    'satisfaction',
] %}
{% set parts = [] %}
{% for subject in subjects %}
{% set view = ref('kpi_evidence__' ~ subject) %}
{% for number in counted_kpis(subject) %}
{% do parts.append((number, view)) %}
{% endfor %}
{% endfor %}
-- Every evidence row of every KPI, one below the other: what explain drills into and components add up.
{% for number, view in parts %}
select
    'KPI-{{ number }}' as kpi_id,
    month,
    institution_id,
    department_code,
    staff_id,
    person_key,
    event_date,
    cast(kpi_{{ number }}_numerator as decimal(18, 4)) as numerator,
    cast(kpi_{{ number }}_denominator as decimal(18, 4)) as denominator,
    source_feed,
    source_batch_id,
    source_file,
    source_line
from {{ view }}
where kpi_{{ number }}_numerator is not null or kpi_{{ number }}_denominator is not null
{% if not loop.last %}union all{% endif %}
{% endfor %}
