-- Grain: deliverer_id, pregnancy_id.
-- A pregnancy belongs to the month of its delivery, to none before. The institution is the one that manages the
-- mother's health record, null without one.
select
    m.deliverer_id,
    m.preg_id as pregnancy_id,
    d.managing_institution_id as institution_id,
    {{ month_of('m.delivery_date') }} as month,
    m.delivery_date as event_date,
    m.ehr_key,
    coalesce(p.person_key, m.ehr_key) as person_key,
    m.lmp as last_menses_date,
    m.register_date,
    m.register_weeks,
    m.prenatal_visits,
    m.live_births,
    m.postpartum_visit_date,
    m.postpartum_42d_date,
    m.source_batch_id,
    m.source_file,
    m.source_line
from {{ ref('stg_ph_maternal') }} as m
{{ known_person('ehr', 'm.ehr_key') }}
left join {{ ref('dim_person') }} as d
    on coalesce(p.person_key, m.ehr_key) = d.person_key
