select
    month,
    institution_id,
    scheme,
    outcome,
    coalesce(case when outcome = 'not_grouped_here' then reason end, '') as reason,
    cast(count(*) as bigint) as cases,
    cast(sum(total_fen) as bigint) as total_fen
from {{ ref('casemix_comparison') }}
where
    scheme is not null
    and institution_id is not null
group by
    month,
    institution_id,
    scheme,
    outcome,
    coalesce(case when outcome = 'not_grouped_here' then reason end, '')
