-- Also the list of months that evidence may fall in: every evidence model joins it.
select
    m.month,
    {%- for parameter in policy_parameters() %}
    max(case when p.parameter = '{{ parameter }}' then p.value end) as {{ parameter }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
from {{ ref('dim_month') }} as m
left join {{ incoming('policy', 'kpi_parameter') }} as p
    on {{ in_force('p', 'm.last_day') }}
group by m.month
