-- Settlements and cases, the books, pay, purchases.
{{ left_out(
    'settlement', 'si_settlement', 'fct_settlement', {'no_base': 'k.source_line is null'}, counted=true
) }}

union all

{% call left_out(
    'insured_case', 'si_settlement', 'fct_settlement',
    {'refunded': 'a.standing_settlements <= 0', 'same_case': 'k.source_line is null'},
    counted=true,
) %}
left join (
    select
        deliverer_id,
        insurance_visit_id,
        sum(settlement_count) as standing_settlements
    from {{ ref('fct_settlement') }}
    group by
        deliverer_id,
        insurance_visit_id
) as a
    on
        e.deliverer_id = a.deliverer_id
        and e.insurance_visit_id = a.insurance_visit_id
{% endcall %}

union all

{{ left_out(
    'insured_case', 'si_out_of_county', 'fct_out_of_county_settlement',
    {'refunded': 'e.total_fen < 0'},
    institution='cast(null as string)',
) }}

union all

{{ left_out(
    'account', 'fin_monthly', 'fct_account_month', {'sum_of_parts': 'k.source_line is null'}, counted=true
) }}

union all

{% call left_out(
    'payroll', 'fin_payroll', 'fct_payroll',
    {
        'not_income': 'x.code is not null',
        'only_in_mean': 'i.is_county_hospital',
        'other_tier': "coalesce(i.institution_tier, '') not in ('township', 'community')",
        'no_hospital_pay': 'k.source_line is null',
    },
    codes={'x': ['e.pay_item', 'pay_item_not_income']},
    counted=true,
) %}
left join {{ ref('dim_institution') }} as i
    on e.institution_id = i.institution_id
{% endcall %}

union all

{{ left_out(
    'purchase', 'fin_purchase', 'fct_purchase',
    {'other_kind': "coalesce(substr(e.nhsa_item_code, 1, 1), '') not in ('X', 'Z')"},
) }}

union all

{{ left_out(
    'settlement_list', 'si_settle_list', 'fct_settlement_list', {'test_patient': 'e.is_test_patient'}
) }}
