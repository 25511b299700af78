-- Stays, their operations and records; what has to be done in time.
{{ left_out(
    'stay', 'his_ip_stay', 'fct_inpatient_stay',
    {'test_patient': 'e.is_test_patient', 'void': 'not coalesce(e.is_valid, false)'},
) }}

union all

-- An operation belongs to the month of the discharge; one of a stay outside the months says so in its own.
{% call left_out(
    'operation', 'his_mr_oper', 'fct_inpatient_procedure',
    {
        'no_stay': 's.visit_id is null',
        'test_patient': 's.is_test_patient',
        'void': 'not coalesce(s.is_valid, false)',
        'no_operation': 'n.code is not null',
        'other_month': 'd.month is null',
    },
    month='coalesce(d.month, e.month)',
) %}
left join {{ ref('fct_inpatient_stay') }} as s
    on
        e.deliverer_id = s.deliverer_id
        and e.institution_id = s.institution_id
        and e.visit_id = s.visit_id
left join {{ ref('dim_month') }} as d
    on s.month = d.month
left join {{ ref('policy_code') }} as n
    on
        s.month = n.month
        and n.code_set = 'procedure_not_operation'
        and coalesce(e.normalised_procedure_code, e.procedure_code) like n.code || '%'
{% endcall %}

union all

{{ left_out(
    'record_review', 'his_mr_review', 'fct_record_review',
    {'test_patient': 'k.source_line is null'},
    day='m.last_day',
    counted=true,
) }}

union all

{{ left_out('critical_value', 'his_critical_value', 'fct_critical_value', {'test_patient': 'e.is_test_patient'}) }}

union all

{{ left_out(
    'timepoint', 'his_timepoint', 'fct_timepoint',
    {'other_kind': "coalesce(e.disease_code, '') <> 'STEMI'", 'not_treated': 'e.balloon_time is null'},
) }}

union all

{{ left_out(
    'teleservice', 'his_teleconsult', 'fct_teleconsult',
    {
        'test_patient': 'e.is_test_patient',
        'other_kind': "c.code is null or coalesce(e.urgency, '') <> '2'",
        'void': "coalesce(e.status, '') not in ('1', '3')",
    },
    codes={'c': ['e.service_type', 'urgent_consultation_type']},
) }}
