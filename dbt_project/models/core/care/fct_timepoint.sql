-- Grain: deliverer_id, case_id.
-- The feed names the institution of the first contact only; the one that delivers the case ended it. What a platform
-- delivers belongs to the first contact unless the patient was sent on, and then to nobody.
select
    t.deliverer_id,
    t.tp_id as case_id,
    case
        when d.institution_id is not null then d.institution_id
        when t.transfer_out_time is null then t.first_contact_org
    end as institution_id,
    t.first_contact_org as first_contact_institution_id,
    t.disease as disease_code,
    {{ month_of('t.fmc_time') }} as month,
    cast(t.fmc_time as date) as event_date,
    t.onset_time,
    t.fmc_time as first_contact_at,
    t.ecg_time,
    t.transfer_out_time,
    t.door_time,
    t.balloon_time,
    t.source_batch_id,
    t.source_file,
    t.source_line
from {{ ref('stg_his_timepoint') }} as t
left join {{ ref('dim_institution') }} as d
    on t.deliverer_id = d.institution_id
