-- Drugs bought, returns negative: western and patent medicines, whose NHSA codes begin with X and Z.
select
    month,
    institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    event_date,
    amount_fen as drug_fen,
    case when essential_flag = '1' then amount_fen end as essential_drug_fen,
    'fin_purchase' as source_feed,
    source_batch_id,
    source_file,
    source_line
from {{ ref('fct_purchase') }}
where substr(nhsa_item_code, 1, 1) in ('X', 'Z')
