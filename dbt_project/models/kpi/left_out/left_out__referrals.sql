-- Referrals, by whoever sent and whoever received them.
{{ left_out(
    'referral_sent', 'his_referral', 'fct_referral',
    {
        'test_patient': 'e.is_test_patient',
        'void': 'not coalesce(e.is_effective, false)',
        'other_kind': "coalesce(e.direction, '0') not in ('1', '2')",
    },
) }}

union all

{% call left_out(
    'referral_received', 'his_referral', 'fct_referral',
    {
        'test_patient': 'e.is_test_patient',
        'void': 'not coalesce(e.is_effective, false)',
        'other_kind': "coalesce(e.direction, '0') <> '1'",
        'out_of_county': "coalesce(e.out_of_county_flag, '1') = '1'",
        'other_tier': 'not coalesce(i.is_county_hospital, false)',
    },
    institution='e.to_institution_id',
) %}
left join {{ ref('dim_institution') }} as i
    on e.to_institution_id = i.institution_id
{% endcall %}
