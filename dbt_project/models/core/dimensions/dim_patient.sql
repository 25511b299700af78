-- Grain: institution_id, patient_key.
-- One row per register entry (a person may have several); facts find the person and the test mark here. Of an entry
-- that two deliverers have (a hospital and its clinic) the newest counts, as among the versions of one deliverer.
with registered as (
    select
        e.patient_key,
        e.deliverer_id,
        e.org_code,
        e.is_test,
        e.gender,
        e.birth_year,
        e.addr_div,
        e.insutype,
        e.insurance_key,
        e.ehr_key,
        e.source_batch_id,
        e.source_file,
        e.source_line,
        row_number() over (
            partition by e.patient_key
            order by
                e.src_update_ts desc nulls last,
                b.first_landed_at desc nulls last,
                e.source_batch_id desc nulls last,
                e.source_line desc nulls last
        ) as version_number
    from {{ ref('stg_his_patient') }} as e
    inner join {{ ref('stg_batch_outcome') }} as b on e.source_batch_id = b.batch_id
)

select
    r.patient_key,
    coalesce(p.person_key, r.patient_key) as person_key,
    coalesce(p.link_method, 'own') as link_method,
    r.deliverer_id,
    r.org_code as institution_id,
    coalesce(r.is_test, false) as is_test,
    r.gender as gender_code,
    r.birth_year,
    r.addr_div as residence_division_code,
    r.insutype as insurance_type_code,
    r.insurance_key,
    r.ehr_key,
    r.source_batch_id,
    r.source_file,
    r.source_line
from registered as r
{{ known_person('patient', 'r.patient_key') }}
where r.version_number = 1
