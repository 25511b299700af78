-- Grain: deliverer_id, vaccination_id.
-- A dose belongs to the month in which it is due, or in which it was given where no due date is known.
select
    deliverer_id,
    vac_id as vaccination_id,
    org_code as institution_id,
    {{ month_of('coalesce(due_date, vac_date)') }} as month,
    coalesce(due_date, vac_date) as event_date,
    immunisation_key,
    vaccine_code,
    dose_no as dose_number,
    due_date,
    vac_date as vaccination_date,
    contra_flag as contraindication_flag,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_ph_immunisation') }}
