-- Grain: deliverer_id, child_id.
-- A child belongs to the month of its birth. The institution is the one that manages its health record, null without
-- one.
select
    c.deliverer_id,
    c.child_id,
    d.managing_institution_id as institution_id,
    c.birth_month as month,
    cast(c.birth_month || '-01' as date) as event_date,
    c.ehr_key,
    coalesce(p.person_key, c.ehr_key) as person_key,
    c.newborn_visit_date,
    c.visits_json as visit_dates,
    c.eye_screen_date,
    c.tcm_done as tcm_flag,
    c.systematic_flag,
    c.source_batch_id,
    c.source_file,
    c.source_line
from {{ ref('stg_ph_child') }} as c
{{ known_person('ehr', 'c.ehr_key') }}
left join {{ ref('dim_person') }} as d
    on coalesce(p.person_key, c.ehr_key) = d.person_key
