-- Grain: person_key.
-- Everyone who appears in a patient register or has a health record, once. The managing institution is that of
-- the person's live health record: the newest, then the smallest key.
with live_record as (
    select
        person_key,
        ehr_key,
        institution_id,
        row_number() over (
            partition by person_key
            order by
                create_date desc nulls last,
                ehr_key asc nulls last,
                source_batch_id desc nulls last,
                source_line desc nulls last
        ) as record_number
    from {{ ref('fct_health_record') }}
    where file_status = '1'
),

known_as as (
    select
        person_key,
        gender_code,
        birth_year,
        1 as register_entries,
        0 as health_records
    from {{ ref('dim_patient') }}
    where not is_test

    union all

    select
        person_key,
        gender_code,
        birth_year,
        0 as register_entries,
        1 as health_records
    from {{ ref('fct_health_record') }}
)

select
    k.person_key,
    min(k.gender_code) as gender_code,
    min(k.birth_year) as birth_year,
    cast(sum(k.register_entries) as bigint) as register_entries,
    cast(sum(k.health_records) as bigint) as health_records,
    min(r.ehr_key) as ehr_key,
    min(r.institution_id) as managing_institution_id
from known_as as k
left join live_record as r
    on
        k.person_key = r.person_key
        and r.record_number = 1
group by k.person_key
