-- Check-ups, reports, services and vaccinations; deliveries.
{{ left_out(
    'elderly_exam', 'ph_elderly_exam', 'fct_elderly_exam',
    {'incomplete': "coalesce(e.complete_flag, '0') <> '1'", 'not_first': 'k.source_line is null'},
    counted=true,
) }}

union all

{{ left_out(
    'tcm_service', 'ph_tcm', 'fct_tcm_service',
    {'incomplete': "coalesce(e.guidance_flag, '0') <> '1'", 'not_first': 'k.source_line is null'},
    counted=true,
) }}

union all

{% call left_out(
    'mobile_service', 'ph_mobile_service', 'fct_mobile_service',
    {'no_village': 'v.division_code is null', 'not_first': 'k.source_line is null'},
    counted=true,
) %}
left join (select distinct division_code from {{ ref('fct_population') }}) as v
    on e.division_code = v.division_code
{% endcall %}

union all

{{ left_out(
    'infection_report', 'ph_infectious', 'fct_infection_report',
    {'test_patient': 'e.is_test_patient', 'correction': "e.revise_flag = '1'"},
) }}

union all

{{ left_out(
    'vaccination', 'ph_immunisation', 'fct_vaccination', {'contraindicated': "e.contraindication_flag = '1'"}
) }}

union all

{{ left_out(
    'delivery', 'ph_maternal', 'fct_pregnancy', {'no_live_birth': 'coalesce(e.live_births, 0) <= 0'}
) }}

union all

{{ left_out(
    'death', 'ph_death', 'fct_death',
    {'other_kind': 'k.source_line is null'},
    institution='cast(null as string)',
    counted=true,
) }}
