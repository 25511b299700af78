-- The first complete check-up of each elderly person in a calendar year.
select
    month,
    institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    person_key,
    event_date,
    1 as elderly_examined,
    'ph_elderly_exam' as source_feed,
    source_batch_id,
    source_file,
    source_line
from (
    select
        *,
        row_number() over (
            partition by person_key, substr(month, 1, 4)
            order by
                event_date asc nulls last,
                exam_id asc nulls last,
                source_batch_id asc nulls last,
                source_line asc nulls last
        ) as place
    from {{ ref('fct_elderly_exam') }}
    where complete_flag = '1'
) as complete
where
    place = 1
    and month in (select m.month from {{ ref('dim_month') }} as m)
