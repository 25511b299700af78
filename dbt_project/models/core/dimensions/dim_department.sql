-- Grain: institution_id, department_code.
-- Departments by the newest description of each: their names, and the specialty that means the same everywhere.
select
    org_code as institution_id,
    dept_code as department_code,
    org_code || '/' || dept_code as unit_id,
    dept_name as department_name,
    dept_std_code as specialty_code,
    dept_type as department_type,
    parent_dept_code as parent_department_code,
    cost_center as cost_centre_code,
    ward_flag = '1' as is_ward,
    source_batch_id,
    source_file,
    source_line
from (
    select
        *,
        row_number() over (
            partition by org_code, dept_code
            order by
                delivery_month desc nulls last,
                source_batch_id desc nulls last,
                source_line desc nulls last
        ) as version_number
    from {{ ref('stg_his_dept') }}
) as d
where version_number = 1
