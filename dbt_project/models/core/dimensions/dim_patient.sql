-- One row per register entry (a person may have several); facts find the person and the test mark here.
with registered as (
    select
        patient_key,
        deliverer_id,
        org_code,
        is_test,
        gender,
        birth_year,
        addr_div,
        insutype,
        insurance_key,
        ehr_key,
        source_batch_id,
        source_file,
        source_line,
        row_number() over (
            partition by patient_key
            order by src_update_ts desc nulls last, source_batch_id desc nulls last, source_line desc nulls last
        ) as version_number
    from {{ ref('stg_his_patient') }}
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
