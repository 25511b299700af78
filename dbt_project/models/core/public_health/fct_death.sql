-- Grain: deliverer_id, death_record_key.
select
    deliverer_id,
    death_record_key,
    {{ month_of('death_date') }} as month,
    death_date as event_date,
    gender as gender_code,
    birth_year,
    underlying_code as cause_code,
    addr_div as division_code,
    source_batch_id,
    source_file,
    source_line
from {{ ref('stg_ph_death') }}
