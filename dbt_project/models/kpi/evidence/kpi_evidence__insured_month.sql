-- Who was insured: one row per person and month, in the community that answers for the person.
select
    month,
    cast(null as string) as institution_id,
    alliance_id as community_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    person_key,
    cast(month || '-01' as date) as event_date,
    1 as insured_months,
    'si_insured' as source_feed,
    source_batch_id,
    source_file,
    source_line
from {{ ref('fct_insured_month') }}
