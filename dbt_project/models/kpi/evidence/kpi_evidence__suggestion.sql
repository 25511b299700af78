-- KPI-147: suggestions of staff and institutions that were dealt with, and those of them that were adopted.
select
    s.month,
    s.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    s.event_date,
    case when s.adopted_flag = '1' then 1 else 0 end as adopted_suggestions,
    1 as suggestions,
    'his_complaint' as source_feed,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('fct_complaint') }} as s
inner join {{ ref('policy_code') }} as c
    on
        s.month = c.month
        and c.code_set = 'suggestion_source'
        and s.complaint_source = c.code
where s.closed_date is not null
