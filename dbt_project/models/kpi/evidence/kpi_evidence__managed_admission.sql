-- KPI-030: inpatient cases, in the county and outside it, of patients on the register of hypertension or diabetes on
-- the day of the settlement, at the institution that manages them: of several the one that enrolled the patient
-- first. Who dies in hospital was on the register until then.
with managed as (
    select
        c.is_in_county,
        c.month,
        c.event_date,
        c.person_key,
        e.institution_id,
        row_number() over (
            partition by c.is_in_county, c.source_batch_id, c.source_line
            order by
                e.enrol_date asc nulls last,
                e.enrolment_id asc nulls last,
                e.source_batch_id asc nulls last,
                e.source_line asc nulls last
        ) as place,
        c.source_batch_id,
        c.source_file,
        c.source_line
    from {{ ref('settled_case') }} as c
    inner join {{ ref('fct_chronic_enrolment') }} as e
        on
            c.person_key = e.person_key
            and c.event_date >= e.enrol_date
            and (e.end_date is null or c.event_date <= e.end_date)
    where
        c.care_kind = 'inpatient'
        and e.disease_code in ('HTN', 'DM2')
)

select
    month,
    institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    person_key,
    event_date,
    1 as managed_admissions,
    case when is_in_county then 'si_settlement' else 'si_out_of_county' end as source_feed,
    source_batch_id,
    source_file,
    source_line
from managed
where place = 1
