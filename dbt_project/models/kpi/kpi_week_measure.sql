{% set subjects = [
    'adverse_event',
    'ai_result',
    'critical_value',
    'exam_ordered',
    'indicated_case',
    'infection_report',
    'lab',
    'operation',
    'recognition',
    'referral_received',
    'referral_request',
    'referral_sent',
    'stay',
    'teleservice',
    'unasked_recognition',
    'visit',
] %}
-- Grain: subject, measure, week, month, institution_id, community_id.
-- What the events of a week add to each measure of what is watched weekly. A week that two months share has a row of
-- each.
select
    subject,
    measure,
    week,
    month,
    unit_level,
    institution_id,
    community_id,
    amount,
    sample_size
from (
    {% for subject in subjects %}
    {{ summed_measures(subject, ref('kpi_evidence__' ~ subject), by_week=true) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
) as every_subject
where amount is not null
