-- A missing parameter would silently make conditions false: every month has them all.
select month
from {{ ref('policy_parameter') }}
where
    month is null
    {%- for parameter in policy_parameters() %}
    or {{ parameter }} is null
    {%- endfor %}
