-- Grain: case_id.
-- The one method by which a case is paid: of the rows of policy that hold for it, the one that says most of it,
-- institution before tier before insurance before kind of care. REQ-149, REQ-150.
with asked as (
    select distinct
        institution_id,
        institution_tier,
        insurance,
        care_kind,
        event_date
    from {{ ref('settlement_case') }}
),

answer as (
    select
        a.institution_id as asked_institution_id,
        a.insurance as asked_insurance,
        a.care_kind as asked_care_kind,
        a.event_date as asked_date,
        r.method,
        'payment_method '
        || coalesce(r.institution_id, r.institution_tier, '*') || ' ' || r.insurance || ' ' || r.care_kind
        || ' ' || cast(r.effective_from as string) as rule_id,
        row_number() over (
            partition by a.institution_id, a.insurance, a.care_kind, a.event_date
            order by
                case when r.institution_id is null then 1 else 0 end asc nulls last,
                case when r.institution_tier is null then 1 else 0 end asc nulls last,
                case when r.insurance = '*' then 1 else 0 end asc nulls last,
                case when r.care_kind = '*' then 1 else 0 end asc nulls last
        ) as place
    from asked as a
    inner join {{ incoming('policy', 'payment_method') }} as r
        on
            coalesce(r.institution_id, a.institution_id) = a.institution_id
            and coalesce(r.institution_tier, a.institution_tier, '') = coalesce(a.institution_tier, '')
            and r.insurance in (a.insurance, '*')
            and r.care_kind in (a.care_kind, '*')
            and a.event_date >= r.effective_from
            and a.event_date <= coalesce(r.effective_to, a.event_date)
)

select
    c.case_id,
    c.institution_id,
    c.month,
    c.care_kind,
    c.insurance,
    r.method,
    r.rule_id,
    c.payment_method_code as listed_method_code,
    -- A list may say another way of paying than policy does: one of them is wrong.
    case c.payment_method_code
        when '1' then r.method = 'fee_for_service'
        when '3' then r.method = 'dip'
        when '4' then r.method in ('drg_rate', 'drg_points')
        when '6' then r.method = 'capitation'
    end as is_as_listed,
    c.total_fen,
    c.fund_fen
from {{ ref('settlement_case') }} as c
left join answer as r
    on
        c.institution_id = r.asked_institution_id
        and c.insurance = r.asked_insurance
        and c.care_kind = r.asked_care_kind
        and c.event_date = r.asked_date
        and r.place = 1
