-- Grain: deliverer_id, institution_id, department_code, event_date.
select
    b.deliverer_id,
    b.org_code as institution_id,
    b.dept_code as department_code,
    {{ month_of('b.stat_date') }} as month,
    b.stat_date as event_date,
    b.open_beds,
    b.extra_beds,
    b.occupied_beds,
    b.admissions,
    b.discharges,
    b.source_batch_id,
    b.source_file,
    b.source_line
from {{ ref('stg_his_bed_daily') }} as b
