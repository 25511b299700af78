{% set groups = ['visits', 'referrals', 'inpatient', 'service', 'resources', 'money', 'public_health'] %}
-- What of a subject's events counts in none of its KPIs, with the reason in words.
select
    e.subject,
    e.month,
    e.institution_id,
    e.event_date,
    e.reason,
    r.name_zh as reason_zh,
    r.name_en as reason_en,
    e.source_feed,
    e.source_batch_id,
    e.source_file,
    e.source_line
from (
    {% for group in groups %}
    select * from {{ ref('left_out__' ~ group) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
) as e
inner join {{ ref('left_out_reason') }} as r
    on e.reason = r.reason
