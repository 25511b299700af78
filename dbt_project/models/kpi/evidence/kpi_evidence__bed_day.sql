-- KPI-088, the lower part of KPI-089 and, as the visits a bed day stands for, KPI-040: beds of a ward on a day. Beds
-- added beyond the open ones are no open beds, but whoever lies in one occupies a bed.
select
    b.month,
    b.institution_id,
    b.department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    b.event_date,
    b.occupied_beds as occupied_bed_days,
    b.open_beds as open_bed_days,
    cast(b.occupied_beds * p.visits_per_bed_day as decimal(18, 6)) as visits_worth,
    'his_bed_daily' as source_feed,
    b.source_batch_id,
    b.source_file,
    b.source_line
from {{ ref('fct_bed_day') }} as b
inner join {{ ref('policy_parameter') }} as p
    on b.month = p.month
