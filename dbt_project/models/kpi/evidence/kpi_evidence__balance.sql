-- Balance sheets: what an institution has and owes at the end of a month, and what energy cost it.
select
    month,
    institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    event_date,
    assets_fen,
    liabilities_fen,
    energy_fen,
    'fin_balance' as source_feed,
    source_batch_id,
    source_file,
    source_line
from {{ ref('fct_balance_month') }}
