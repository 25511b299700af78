-- Grain: deliverer_id, settlement_id, rule_id.
-- What is told twice: a part of a stay, a bill, a code.
with visit as (
    select
        deliverer_id,
        insurance_visit_id,
        settled_from,
        settled_until
    from {{ ref('settlement_list_checked') }}
    group by
        deliverer_id,
        insurance_visit_id,
        settled_from,
        settled_until
    having count(*) > 1
),

bill as (
    select
        institution_id,
        bill_code,
        bill_no
    from {{ ref('settlement_list_checked') }}
    where bill_no is not null
    group by
        institution_id,
        bill_code,
        bill_no
    having count(*) > 1
)

select
    l.deliverer_id,
    l.settlement_id,
    'stay_listed_twice' as rule_id,
    l.insurance_visit_id as found
from {{ ref('settlement_list_checked') }} as l
inner join visit as v
    on
        l.deliverer_id = v.deliverer_id
        and l.insurance_visit_id = v.insurance_visit_id
        and l.settled_from = v.settled_from
        and l.settled_until = v.settled_until

union all

select
    l.deliverer_id,
    l.settlement_id,
    'bill_listed_twice' as rule_id,
    l.bill_no as found
from {{ ref('settlement_list_checked') }} as l
inner join bill as b
    on
        l.institution_id = b.institution_id
        and l.bill_no = b.bill_no
        and coalesce(l.bill_code, '') = coalesce(b.bill_code, '')

union all

{{ broken_list_rules({
    'diagnosis_listed_twice': ['doubled_diagnoses > 0', 'cast(doubled_diagnoses as string)'],
    'procedure_listed_twice': ['doubled_procedures > 0', 'cast(doubled_procedures as string)'],
}) }}
