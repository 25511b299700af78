-- Of fewer than five people nothing is told.
select
    p.month,
    p.institution_id,
    case when p.people >= 5 then p.people end as people,
    {%- for group in ['nurse', 'administrative'] %}
    case
        when p.physician_people >= 5 and p.{{ group }}_people >= 5 then p.physician_to_{{ group }}_ratio
    end as physician_to_{{ group }}_ratio,
    {%- endfor %}
    case when p.same_post_people >= 5 then p.same_post_people end as same_post_people,
    case when p.same_post_people >= 5 then p.same_post_variation end as same_post_variation,
    case when p.people >= 5 then p.gini end as gini,
    case when p.same_title_people >= 5 then p.same_title_people end as same_title_people,
    case when p.same_title_people >= 5 then p.primary_to_county_ratio end as primary_to_county_ratio,
    case when p.same_title_people >= 5 then p.primary_to_county_ratio >= 1 end as is_primary_at_county_level
from {{ ref('pay_monitor') }} as p
