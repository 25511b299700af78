-- Grain: month, institution_id, staff_id.
-- The department of most of what somebody did at a place in a month; of equals the lower code. Work that names no
-- department (follow-ups, help given) belongs to it.
with counted as (
    select
        month,
        institution_id,
        staff_id,
        department_code,
        count(*) as events
    from {{ ref('staff_work') }}
    where
        is_counted
        and department_code is not null
    group by
        month,
        institution_id,
        staff_id,
        department_code
)

select
    month,
    institution_id,
    staff_id,
    department_code
from (
    select
        *,
        row_number() over (
            partition by month, institution_id, staff_id
            order by events desc nulls last, department_code asc nulls last
        ) as place
    from counted
) as c
where place = 1
