select
    month,
    institution_id,
    coalesce(method, 'none') as method,
    coalesce(deviation, 'none') as deviation,
    cast(count(*) as bigint) as cases,
    cast(sum(case when payment_standard_fen is null then 1 else 0 end) as bigint) as cases_without_standard,
    cast(sum(payment_standard_fen) as bigint) as payment_standard_fen,
    cast(sum(personal_fen) as bigint) as personal_fen,
    cast(sum(fund_due_fen) as bigint) as fund_due_fen,
    cast(sum(actual_fund_fen) as bigint) as actual_fund_fen,
    cast(sum(difference_fen) as bigint) as difference_fen
from {{ ref('casemix_settlement') }}
where institution_id is not null
group by
    month,
    institution_id,
    coalesce(method, 'none'),
    coalesce(deviation, 'none')
