-- Grain: deliverer_id, pathway_entry_id.
-- The feed names no institution: it is that of the only visit or stay of the number with the same deliverer.
select
    w.deliverer_id,
    w.pw_id as pathway_entry_id,
    w.visit_id,
    e.institution_id,
    e.department_code,
    {{ month_of('w.enter_time') }} as month,
    cast(w.enter_time as date) as event_date,
    e.person_key,
    w.pathway_code,
    w.version_kind as pathway_edition_type,
    w.enter_time as entered_at,
    w.exit_time as left_at,
    w.result as result_type,
    w.variance_code,
    coalesce(e.is_test_patient, false) as is_test_patient,
    w.source_batch_id,
    w.source_file,
    w.source_line
from {{ ref('stg_his_pathway') }} as w
left join {{ ref('encounter') }} as e
    on
        w.deliverer_id = e.deliverer_id
        and w.visit_id = case when e.is_only then e.visit_id end
