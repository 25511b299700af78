-- Grain: deliverer_id, assignment_id.
select
    deliverer_id,
    assign_id as assignment_id,
    from_org as institution_id,
    to_org as to_institution_id,
    {{ month_of('start_date') }} as month,
    start_date as event_date,
    staff_id,
    assign_type as assignment_type,
    position as assigned_position,
    start_date,
    end_date,
    days_in_year,
    title_at_assign as title_level_at_assignment,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_his_staff_assignment') }}
