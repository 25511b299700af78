-- Referrals, by whoever sent and whoever received them, and the physicians who might have referred.
{{ left_out(
    'referral_sent', 'his_referral', 'fct_referral',
    {
        'test_patient': 'e.is_test_patient',
        'void': 'not coalesce(e.is_effective, false)',
        'other_kind': "coalesce(e.direction, '0') not in ('1', '2')",
    },
) }}

union all

{{ left_out(
    'referral_received', 'his_referral', 'fct_referral',
    {
        'test_patient': 'e.is_test_patient',
        'void': 'not coalesce(e.is_effective, false)',
        'other_kind': "coalesce(e.direction, '0') not in ('1', '2')",
        'out_of_county': "coalesce(e.out_of_county_flag, '1') = '1'",
    },
    institution='e.to_institution_id',
) }}

union all

{{ left_out(
    'referral_request', 'his_referral', 'fct_referral',
    {
        'test_patient': 'e.is_test_patient',
        'other_kind': "coalesce(e.direction, '0') not in ('1', '2')",
        'not_closed': 'k.source_line is null',
    },
    month='e.request_month',
    day='e.request_date',
    counted=true,
) }}

union all

{{ left_out(
    'attending_physician', 'his_op_visit', 'fct_outpatient_visit',
    {
        'test_patient': 'e.is_test_patient',
        'void': 'not coalesce(e.is_valid, false)',
        'no_physician': 'e.staff_id is null',
        'not_first': 'k.source_line is null',
    },
    counted=true,
) }}

union all

{{ left_out(
    'attending_physician', 'his_ip_stay', 'fct_inpatient_stay',
    {
        'test_patient': 'e.is_test_patient',
        'void': 'not coalesce(e.is_valid, false)',
        'no_physician': 'e.staff_id is null',
        'not_first': 'k.source_line is null',
    },
    counted=true,
) }}
