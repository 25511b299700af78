-- Grain: rule_id, account_id, counter_account_id, source_relation, source_key.
-- The pool as entries: receipts in, by use, out to institutions, departments, people; and the surplus beside it.
with party as (
    select
        s.*,
        case
            when s.institution_id = '-' then 'surplus_unplaced:' || s.community_id
            else 'institution:' || s.institution_id || ':surplus'
        end as account_id
    from {{ ref('pool_surplus_split') }} as s
)

select
    month,
    'pool:' || community_id as account_id,
    giver_account_id as counter_account_id,
    amount_fen,
    rule_id,
    source_relation,
    source_key
from {{ ref('pool_receipt') }}

union all

select
    month,
    'pool_use:' || community_id || ':' || use as account_id,
    'pool:' || community_id as counter_account_id,
    change_fen as amount_fen,
    'pool_use_plan/' || use as rule_id,
    'pool_use' as source_relation,
    community_id || '/' || month || '/' || use as source_key
from {{ ref('pool_use') }}
where change_fen <> 0

union all

select
    month,
    case
        when institution_id = '-' then 'pool_unplaced:' || community_id
        else 'institution:' || institution_id || ':pool'
    end as account_id,
    'pool_use:' || community_id || ':regular' as counter_account_id,
    amount_fen,
    'pool_driver/institution/' || driver as rule_id,
    'pool_part' as source_relation,
    community_id || '/' || month || '/' || driver || '/' || institution_id as source_key
from {{ ref('pool_part') }}
where amount_fen <> 0

union all

select
    month,
    'department:' || institution_id || ':' || department_code as account_id,
    'institution:' || institution_id || ':pool' as counter_account_id,
    amount_fen,
    'pool_driver/department/workload' as rule_id,
    'pool_department' as source_relation,
    month || '/' || institution_id || '/' || department_code as source_key
from {{ ref('pool_department') }}
where amount_fen <> 0

union all

select
    month,
    'person:' || staff_id || ':pool' as account_id,
    'department:' || institution_id || ':' || department_code as counter_account_id,
    amount_fen,
    'pool_driver/person/workload' as rule_id,
    'pool_person' as source_relation,
    month || '/' || institution_id || '/' || department_code || '/' || staff_id as source_key
from {{ ref('pool_person') }}
where
    amount_fen <> 0
    and person_mode = 'direct'

union all

select
    month,
    'person:' || staff_id || ':head_pay' as account_id,
    'institution:' || institution_id || ':head_pay' as counter_account_id,
    amount_fen,
    'head_pay/' || institution_id as rule_id,
    'head_pay' as source_relation,
    month || '/' || institution_id || '/' || kind || '/' || staff_id as source_key
from {{ ref('head_pay') }}
where amount_fen <> 0

union all

-- By institution and kind: a single claim may name a person.
select
    paid_month as month,
    'institution:' || institution_id || ':' || use as account_id,
    'pool_use:' || community_id || ':' || use as counter_account_id,
    cast(sum(amount_fen) as bigint) as amount_fen,
    rule_id,
    'pool_claim_payment' as source_relation,
    institution_id || '/' || kind || '/' || month || '/' || paid_month as source_key
from {{ ref('pool_claim_payment') }}
where status = 'paid'
group by
    paid_month,
    institution_id,
    use,
    community_id,
    rule_id,
    kind,
    month

union all

select
    month,
    account_id,
    'retained:' || community_id as counter_account_id,
    change_fen as amount_fen,
    'surplus_split/' || party as rule_id,
    'pool_surplus_split' as source_relation,
    community_id || '/' || cast(budget_year as string) || '/' || month || '/' || institution_id as source_key
from party
where change_fen <> 0
