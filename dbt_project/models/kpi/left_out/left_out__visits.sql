-- Visits, first contacts and cases with an indication: visits, and stays of county hospitals.
{% call left_out(
    'first_contact', 'his_op_visit', 'fct_outpatient_visit',
    {
        'test_patient': 'e.is_test_patient',
        'void': 'not coalesce(e.is_valid, false)',
        'other_kind': 'c.code is null',
        'diagnosis_unknown': 'e.diagnosis_category is null',
        'not_first': 'k.source_line is null',
    },
    institution='coalesce(d.managing_institution_id, e.institution_id)',
    codes={'c': ['e.visit_type', 'first_contact_visit_type']},
    counted=true,
) %}
left join {{ ref('dim_person') }} as d
    on e.person_key = d.person_key
{% endcall %}

union all

{% call left_out(
    'first_contact', 'si_out_of_county', 'fct_out_of_county_settlement',
    {'diagnosis_unknown': 'e.diagnosis_category is null', 'not_first': 'k.source_line is null'},
    institution='d.managing_institution_id',
    counted=true,
) %}
left join {{ ref('dim_person') }} as d
    on e.person_key = d.person_key
{% endcall %}

union all

{% call left_out(
    'indicated_case', 'his_op_visit', 'fct_outpatient_visit',
    {
        'test_patient': 'e.is_test_patient',
        'void': 'not coalesce(e.is_valid, false)',
        'other_tier': 'not coalesce(i.is_primary_care, false)',
        'diagnosis_unknown': 'e.diagnosis_category is null',
        'other_kind': 'c.code is null',
        'not_first': 'k.source_line is null',
    },
    codes={'c': ['e.diagnosis_category', 'up_indication_category']},
    counted=true,
) %}
left join {{ ref('dim_institution') }} as i
    on e.institution_id = i.institution_id
{% endcall %}

union all

{% call left_out(
    'indicated_case', 'his_ip_stay', 'fct_inpatient_stay',
    {
        'test_patient': 'e.is_test_patient',
        'void': 'not coalesce(e.is_valid, false)',
        'died': "e.discharge_way = '5'",
        'other_tier': 'not coalesce(i.is_county_hospital, false)',
        'diagnosis_unknown': 'd.diagnosis_category is null',
        'other_kind': 'c.code is null',
        'not_first': 'k.source_line is null',
    },
    codes={'c': ['d.diagnosis_category', 'down_indication_category']},
    counted=true,
) %}
left join {{ ref('dim_institution') }} as i
    on e.institution_id = i.institution_id
left join {{ ref('fct_inpatient_diagnosis') }} as d
    on
        e.deliverer_id = d.deliverer_id
        and e.institution_id = d.institution_id
        and e.visit_id = d.visit_id
        and d.is_principal
{% endcall %}

union all

{{ left_out(
    'visit', 'his_op_visit', 'fct_outpatient_visit',
    {
        'test_patient': 'e.is_test_patient',
        'void': 'not coalesce(e.is_valid, false)',
        'other_kind': 'k.source_line is null',
    },
    counted=true,
) }}
