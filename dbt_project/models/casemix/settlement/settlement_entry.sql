-- Grain: source_relation, source_key.
-- What funds owe for stays and what audits take back, as entries (decision 0046): the insurance gives, the institution
-- receives; of a deduction it is the other way round. Every fen of casemix_settlement is here once.
select
    month,
    'institution:' || institution_id || ':case_income' as account_id,
    'case_fund:' || insurance as counter_account_id,
    fund_due_fen as amount_fen,
    rule_id,
    'casemix_settlement' as source_relation,
    case_id as source_key
from {{ ref('casemix_settlement') }}
where fund_due_fen <> 0

union all

select
    month,
    'case_fund:' || insurance as account_id,
    'institution:' || institution_id || ':case_income' as counter_account_id,
    final_fen as amount_fen,
    'deduction ' || rule_code as rule_id,
    'deduction_attribution' as source_relation,
    deliverer_id || ' ' || deduction_id as source_key
from {{ ref('deduction_attribution') }}
where final_fen <> 0
