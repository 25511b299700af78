-- Equipment and its use, staff, help from above.
with equipment as (
    {{ left_out(
        'equipment', 'his_equipment', 'fct_equipment_month',
        {
            'other_kind': 'c.code is null',
            'void': "coalesce(e.status, '0') <> '1'",
            'amount_unknown': 'e.available_minutes is null',
        },
        codes={'c': ['e.equipment_class', 'large_equipment_class']},
    ) | indent }}
)

select q.* from equipment as q

union all

{% call left_out(
    'equipment', 'his_equipment_use', 'fct_equipment_use',
    {
        'other_kind': 'f.equipment_id is null',
        'of_equipment_left_out': 'q.reason is not null',
        'amount_unknown': 'e.use_minutes is null',
    },
) %}
left join {{ ref('fct_equipment_month') }} as f
    on
        e.deliverer_id = f.deliverer_id
        and e.equipment_id = f.equipment_id
        and e.month = f.month
left join equipment as q
    on
        f.source_batch_id = q.source_batch_id
        and f.source_line = q.source_line
{% endcall %}

union all

{% call left_out(
    'staff', 'his_staff', 'dim_staff_month',
    {'other_kind': 'c.code is null'},
    day='m.last_day',
) %}
left join {{ ref('dim_institution') }} as i
    on e.institution_id = i.institution_id
left join {{ ref('policy_code') }} as c
    on
        e.month = c.month
        and e.staff_type = c.code
        and (
            (c.code_set = 'physician_staff_type' and i.institution_tier in ('township', 'community'))
            or (c.code_set = 'village_physician_staff_type' and i.institution_tier = 'village')
        )
{% endcall %}

union all

{{ left_out(
    'post', 'his_staff', 'dim_staff_month', {'not_in_post': 'not coalesce(e.is_in_post, false)'}, day='m.last_day'
) }}

union all

{% call left_out(
    'physician_workday', 'his_staff', 'dim_staff_month',
    {
        'other_kind': 'c.code is null',
        'not_in_post': 'not coalesce(e.is_in_post, false)',
        'other_tier': "coalesce(i.institution_tier, 'village') = 'village'",
    },
    day='m.last_day',
    codes={'c': ['e.staff_type', 'physician_staff_type']},
) %}
left join {{ ref('dim_institution') }} as i
    on e.institution_id = i.institution_id
{% endcall %}

union all

{% call left_out(
    'support', 'his_dispatch', 'fct_support_activity',
    {
        'other_tier': 'not coalesce(t.is_primary_care, false)',
        'from_primary_care': 'f.is_primary_care',
    },
    institution='e.to_institution_id',
) %}
left join {{ ref('dim_institution') }} as t
    on e.to_institution_id = t.institution_id
left join {{ ref('dim_institution') }} as f
    on e.institution_id = f.institution_id
{% endcall %}
