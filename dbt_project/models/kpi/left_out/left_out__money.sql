-- Settlements and cases, the books, pay, purchases.
with insured_case as (
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
)

{{ left_out(
    'settlement', 'si_settlement', 'fct_settlement', {'no_base': 'k.source_line is null'}, counted=true
) }}

union all

select n.* from insured_case as n

union all

{{ left_out(
    'insured_case', 'si_out_of_county', 'fct_out_of_county_settlement',
    {'refunded': 'e.total_fen < 0'},
    institution='cast(null as string)',
) }}

union all

{% call left_out(
    'managed_admission', 'si_settlement', 'fct_settlement',
    {
        'refunded': "n.reason = 'refunded'",
        'same_case': "n.reason = 'same_case'",
        'other_kind': "e.care_kind <> 'inpatient'",
        'not_managed': 'k.source_line is null',
    },
    counted=true,
) %}
left join insured_case as n
    on
        e.source_batch_id = n.source_batch_id
        and e.source_line = n.source_line
{% endcall %}

union all

{{ left_out(
    'managed_admission', 'si_out_of_county', 'fct_out_of_county_settlement',
    {
        'refunded': 'e.total_fen < 0',
        'other_kind': care_kind('e.medical_type_code') ~ " <> 'inpatient'",
        'not_managed': 'k.source_line is null',
    },
    institution='cast(null as string)',
    counted=true,
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

{% call left_out(
    'performance_pay', 'fin_payroll', 'fct_payroll',
    {
        'other_kind': 'c.code is null',
        'same_person': 'n.staff_key is not null and k.source_line is null',
        'few_in_post': 'k.source_line is null',
    },
    codes={'c': ['e.pay_item', 'post_pay_item', 'performance_pay_item']},
    counted=true,
) %}
left join (
    select distinct
        p.month,
        p.institution_id,
        p.staff_key
    from {{ ref('fct_payroll') }} as p
    inner join {{ ref('kpi_evidence__performance_pay') }} as v
        on
            p.source_batch_id = v.source_batch_id
            and p.source_line = v.source_line
) as n
    on
        e.month = n.month
        and e.institution_id = n.institution_id
        and e.staff_key = n.staff_key
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

union all

{% call left_out(
    'casemix', 'si_settle_list', 'fct_settlement_list',
    {
        'test_patient': 'e.is_test_patient',
        'other_kind': 'not e.is_inpatient',
        'refunded': 'r.settlement_id is not null',
        'same_case': 'k.source_line is null',
    },
    counted=true,
) %}
left join ({{ refunded_settlements() }}) as r
    on
        e.deliverer_id = r.deliverer_id
        and e.settlement_id = r.settlement_id
{% endcall %}
