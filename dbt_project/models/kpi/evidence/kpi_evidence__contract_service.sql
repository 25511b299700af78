-- Services due under contracts in the month, and those of them that were given.
select
    month,
    institution_id,
    cast(null as string) as department_code,
    staff_id,
    person_key,
    event_date,
    1 as services_due,
    case when done_flag = '1' and service_time is not null then 1 else 0 end as services_given,
    'ph_contract_service' as source_feed,
    source_batch_id,
    source_file,
    source_line
from {{ ref('fct_contract_service') }}
where month in (select m.month from {{ ref('dim_month') }} as m)
