-- Grain: institution_id, month, care_kind.
-- A month of an institution from our cases to the money that came: what funds owe by our reckoning and by the
-- insurer's, what they paid at the counter, what was declared, deducted, held back and paid in advance. Every part is
-- a row of its own and all are added up, so that none is lost for want of another. REQ-141.
with owed as (
    select
        s.institution_id,
        s.month,
        'inpatient' as care_kind,
        count(*) as cases,
        sum(case when s.fund_due_fen is null then 1 else 0 end) as unsettled_cases,
        sum(case when d.outcome = 'same' then 1 else 0 end) as same_cases,
        sum(case when d.fund_due_difference_fen is not null then 1 else 0 end) as compared_cases,
        sum(s.fund_due_fen) as fund_due_fen,
        sum(case when d.fund_due_difference_fen is not null then s.fund_due_fen end) as compared_due_fen,
        sum(case when d.fund_due_difference_fen is not null then d.delivered_fund_due_fen end) as delivered_due_fen,
        sum(d.standard_difference_fen) as standard_difference_fen
    from {{ ref('casemix_settlement') }} as s
    left join {{ ref('settlement_difference') }} as d
        on s.case_id = d.case_id
    group by
        s.institution_id,
        s.month
),

part as (
    select
        institution_id,
        month,
        care_kind,
        cast(sum(fund_fen) as bigint) as case_fund_fen,
        cast(null as bigint) as settled_fund_fen,
        cast(null as bigint) as declared_fund_fen,
        cast(null as bigint) as audit_deduction_fen,
        cast(null as bigint) as quality_deposit_fen,
        cast(null as bigint) as prepaid_fen,
        cast(null as date) as paid_date,
        cast(null as bigint) as deduction_fen
    from {{ ref('settlement_case') }}
    group by
        institution_id,
        month,
        care_kind

    union all

    select
        institution_id,
        month,
        care_kind,
        cast(null as bigint) as case_fund_fen,
        cast(sum(fund_total_fen) as bigint) as settled_fund_fen,
        cast(null as bigint) as declared_fund_fen,
        cast(null as bigint) as audit_deduction_fen,
        cast(null as bigint) as quality_deposit_fen,
        cast(null as bigint) as prepaid_fen,
        cast(null as date) as paid_date,
        cast(null as bigint) as deduction_fen
    from {{ ref('fct_settlement') }}
    group by
        institution_id,
        month,
        care_kind

    union all

    select
        institution_id,
        month,
        {{ care_kind('clearing_type') }} as care_kind,
        cast(null as bigint) as case_fund_fen,
        cast(null as bigint) as settled_fund_fen,
        declared_fund_fen,
        audit_deduction_fen,
        quality_deposit_fen,
        prepaid_fen,
        paid_date,
        cast(null as bigint) as deduction_fen
    from {{ ref('fct_clearing_month') }}

    union all

    select
        institution_id,
        month,
        coalesce(care_kind, 'unknown') as care_kind,
        cast(null as bigint) as case_fund_fen,
        cast(null as bigint) as settled_fund_fen,
        cast(null as bigint) as declared_fund_fen,
        cast(null as bigint) as audit_deduction_fen,
        cast(null as bigint) as quality_deposit_fen,
        cast(null as bigint) as prepaid_fen,
        cast(null as date) as paid_date,
        amount_fen as deduction_fen
    from {{ ref('deduction_attribution') }}
),

added as (
    select
        institution_id,
        month,
        care_kind,
        cast(sum(case_fund_fen) as bigint) as case_fund_fen,
        cast(sum(settled_fund_fen) as bigint) as settled_fund_fen,
        cast(sum(declared_fund_fen) as bigint) as declared_fund_fen,
        cast(sum(audit_deduction_fen) as bigint) as audit_deduction_fen,
        cast(sum(quality_deposit_fen) as bigint) as quality_deposit_fen,
        cast(sum(prepaid_fen) as bigint) as prepaid_fen,
        max(paid_date) as paid_date,
        cast(sum(deduction_fen) as bigint) as deduction_fen
    from part
    group by
        institution_id,
        month,
        care_kind
),

-- Workdays from the end of a month to a day, as far as the calendar of the build reaches.
workdays as (
    select
        p.month,
        p.paid_date,
        sum(case when d.day > p.last_day and d.is_workday then 1 else 0 end) as workdays
    from (
        select distinct
            a.month,
            a.paid_date,
            m.last_day
        from added as a
        inner join {{ ref('dim_month') }} as m
            on a.month = m.month
        where a.paid_date is not null
    ) as p
    inner join {{ ref('dim_day') }} as d
        on
            p.last_day <= d.day
            and p.paid_date >= d.day
    where p.paid_date <= (select max(x.day) from {{ ref('dim_day') }} as x)
    group by
        p.month,
        p.paid_date
),

deadline as (
    select
        m.month,
        max(case when p.region = k.region_code then p.monthly_workdays end) as of_region,
        max(case when p.region = '*' then p.monthly_workdays end) as of_any
    from {{ ref('dim_month') }} as m
    cross join {{ incoming('county', 'county') }} as k
    inner join {{ incoming('policy', 'clearing_rule') }} as p
        on
            p.region in (k.region_code, '*')
            and {{ in_force('p', 'm.last_day') }}
    group by m.month
)

select
    a.institution_id,
    a.month,
    a.care_kind,
    cast(o.cases as bigint) as cases,
    cast(o.unsettled_cases as bigint) as unsettled_cases,
    cast(o.compared_cases as bigint) as compared_cases,
    cast(o.same_cases as bigint) as same_cases,
    cast(o.fund_due_fen as bigint) as fund_due_fen,
    cast(o.compared_due_fen as bigint) as compared_due_fen,
    cast(o.delivered_due_fen as bigint) as delivered_due_fen,
    cast(o.compared_due_fen - o.delivered_due_fen as bigint) as fund_due_difference_fen,
    cast(o.standard_difference_fen as bigint) as standard_difference_fen,
    a.case_fund_fen,
    a.settled_fund_fen,
    -- Parts of a stay settled in another month than the last, refunds, test patients.
    a.settled_fund_fen - coalesce(a.case_fund_fen, 0) as other_month_fund_fen,
    a.declared_fund_fen,
    a.declared_fund_fen - coalesce(a.settled_fund_fen, 0) as declared_difference_fen,
    a.deduction_fen,
    a.audit_deduction_fen,
    coalesce(a.deduction_fen, 0) - a.audit_deduction_fen as deduction_difference_fen,
    a.quality_deposit_fen,
    a.declared_fund_fen - a.audit_deduction_fen - a.quality_deposit_fen as prepaid_due_fen,
    a.prepaid_fen,
    a.prepaid_fen - (a.declared_fund_fen - a.audit_deduction_fen - a.quality_deposit_fen) as prepaid_difference_fen,
    a.paid_date,
    cast(w.workdays as bigint) as workdays_to_payment,
    w.workdays > coalesce(l.of_region, l.of_any) as is_paid_late
from added as a
left join owed as o
    on
        a.institution_id = o.institution_id
        and a.month = o.month
        and a.care_kind = o.care_kind
left join workdays as w
    on
        a.month = w.month
        and a.paid_date = w.paid_date
left join deadline as l
    on a.month = l.month
