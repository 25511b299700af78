-- Tuberculosis patients of whom the designated hospital notified primary care, once per course.
-- Managed: visited at home.
select
    month,
    institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    person_key,
    event_date,
    1 as notified_courses,
    case when first_visit_date is not null then 1 else 0 end as managed_courses,
    'ph_tb' as source_feed,
    source_batch_id,
    source_file,
    source_line
from {{ ref('fct_tb_course') }}
where month in (select m.month from {{ ref('dim_month') }} as m)
