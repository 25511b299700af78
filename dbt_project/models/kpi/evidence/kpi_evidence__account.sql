-- The books, by what the county's policy says an account is: a code of a set stands for the account and all below it.
-- An account of which the institution delivers parts as well is their sum and left out.
{% set sets = {
    'medical_income': 'account_medical_income',
    'service_income': 'account_service_income',
    'drug_income': 'account_drug_income',
    'herbal_income': 'account_herbal_income',
    'material_income': 'account_material_income',
    'basic_subsidy': 'account_basic_subsidy',
    'total_income': 'account_total_income',
    'activity_expense': 'account_activity_expense',
    'staff_expense': 'account_staff_expense',
} %}
with named as (
    select distinct
        month,
        account_code
    from {{ ref('fct_account_month') }}
),

judged as (
    select
        n.month,
        {%- for name, code_set in sets.items() %}
        max(case when c.code_set = '{{ code_set }}' then 1 end) as is_{{ name }},
        {%- endfor %}
        n.account_code
    from named as n
    left join {{ ref('policy_code') }} as c
        on
            n.month = c.month
            and substr(n.account_code, 1, length(c.code)) = c.code
    group by
        n.month,
        n.account_code
),

summary as (
    select distinct
        a.deliverer_id,
        a.institution_id,
        a.month,
        a.account_code
    from {{ ref('fct_account_month') }} as a
    inner join {{ ref('fct_account_month') }} as p
        on
            a.deliverer_id = p.deliverer_id
            and a.institution_id = p.institution_id
            and a.month = p.month
            and length(a.account_code) < length(p.account_code)
            and substr(p.account_code, 1, length(a.account_code)) = a.account_code
)

select
    a.month,
    a.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    a.event_date,
    {%- for name in sets if name != 'herbal_income' %}
    case when j.is_{{ name }} = 1 then a.amount_fen end as {{ name }}_fen,
    {%- endfor %}
    case when j.is_medical_income = 1 and j.is_herbal_income is null then a.amount_fen end
        as medical_income_without_herbs_fen,
    case when j.is_activity_expense = 1 and a.budget_fen is not null then a.amount_fen end as budgeted_expense_fen,
    case when j.is_activity_expense = 1 then a.budget_fen end as expense_budget_fen,
    'fin_monthly' as source_feed,
    a.source_batch_id,
    a.source_file,
    a.source_line
from {{ ref('fct_account_month') }} as a
inner join judged as j
    on
        a.month = j.month
        and a.account_code = j.account_code
left join summary as s
    on
        a.deliverer_id = s.deliverer_id
        and a.institution_id = s.institution_id
        and a.month = s.month
        and a.account_code = s.account_code
where s.account_code is null
