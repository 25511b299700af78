{% set parameters = [
    'expert_slot_release_hours',
    'first_contact_window_days',
    'referral_case_window_days',
    'long_stay_days',
    'duplicate_imaging_window_days',
    'duplicate_lab_window_days',
    'bounce_back_window_days',
    'minimum_coverage_pct',
    'minimum_peers',
    'close_after_days',
    'missing_indicator_is_lowest',
] %}
-- Also the list of months that evidence may fall in: every evidence view joins it.
select
    m.month,
    {%- for parameter in parameters %}
    max(case when p.parameter = '{{ parameter }}' then p.value end) as {{ parameter }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
from {{ ref('dim_month') }} as m
left join {{ incoming('policy', 'kpi_parameter') }} as p
    on {{ in_force('p', 'm.last_day') }}
group by m.month
