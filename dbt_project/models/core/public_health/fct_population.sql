-- Grain: deliverer_id, division_code, year, age_group, gender_code.
select
    deliverer_id,
    admin_div as division_code,
    year,
    age_group,
    cast(replace(substr(age_group, 1, 2), '-', '') as integer) as age_from,
    gender as gender_code,
    resident_pop as residents,
    hukou_pop as registered_residents,
    caliber_source,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_ph_population') }}
