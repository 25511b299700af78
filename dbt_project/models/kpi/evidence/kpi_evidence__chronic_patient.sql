-- Patients on the chronic registers at the end of each month, once per person and disease; managed (hypertension or
-- diabetes) once per person, at who enrolled the person first. On schedule: as many visits in twelve months as are
-- due since the patient came on the register and the warehouse begins, one for every full share of the year. Under
-- control: the newest reading of twelve months; who has none is not.
with first_month as (
    select min(month_number) as month_number
    from {{ ref('dim_month') }}
),

patient as (
    select
        m.month,
        m.year,
        m.last_day,
        m.last_day_year_before,
        -- Due from the month after enrolment on.
        least(
            12,
            greatest(
                0,
                m.month_number - greatest(
                    f.month_number, {{ month_number_of('e.enrol_date') }} + 1
                ) + 1
            )
        ) as months_due,
        e.institution_id,
        e.person_key,
        e.disease_code,
        row_number() over (
            partition by m.month, e.person_key, e.disease_code
            order by
                e.enrol_date asc nulls last,
                e.enrolment_id asc nulls last,
                e.source_batch_id asc nulls last,
                e.source_line asc nulls last
        ) as place,
        row_number() over (
            partition by m.month, e.person_key
            order by
                case when e.disease_code = 'SMI' then 1 else 0 end asc nulls last,
                e.enrol_date asc nulls last,
                e.enrolment_id asc nulls last,
                e.source_batch_id asc nulls last,
                e.source_line asc nulls last
        ) as place_of_person,
        e.source_batch_id,
        e.source_file,
        e.source_line
    from {{ ref('fct_chronic_enrolment') }} as e
    inner join {{ ref('dim_month') }} as m
        on
            e.enrol_date <= m.last_day
            and (e.end_date is null or e.end_date > m.last_day)
    cross join first_month as f
    where e.disease_code in ('HTN', 'DM2', 'SMI')
),

visit as (
    select
        person_key,
        disease_code,
        event_date,
        followup_id,
        followup_way,
        systolic_mmhg,
        diastolic_mmhg,
        cast(null as double) as fasting_glucose_mmol,
        cast(null as double) as hba1c_pct,
        cast(null as string) as exam_flag,
        source_batch_id,
        source_line
    from {{ ref('fct_followup') }}

    union all

    select
        person_key,
        disease_code,
        event_date,
        followup_id,
        followup_way,
        systolic_mmhg,
        diastolic_mmhg,
        cast(fasting_glucose_mmol as double) as fasting_glucose_mmol,
        cast(hba1c_pct as double) as hba1c_pct,
        cast(null as string) as exam_flag,
        source_batch_id,
        source_line
    from {{ ref('fct_followup_diabetes') }}

    union all

    select
        person_key,
        disease_code,
        event_date,
        followup_id,
        cast(null as string) as followup_way,
        cast(null as integer) as systolic_mmhg,
        cast(null as integer) as diastolic_mmhg,
        cast(null as double) as fasting_glucose_mmol,
        cast(null as double) as hba1c_pct,
        exam_flag,
        source_batch_id,
        source_line
    from {{ ref('fct_followup_mental') }}
),

-- What was seen of each patient in the twelve months up to the end of the month.
visited as (
    select
        p.month,
        p.year,
        v.*
    from patient as p
    inner join visit as v
        on
            p.person_key = v.person_key
            and p.disease_code = v.disease_code
            and p.last_day_year_before < v.event_date
            and p.last_day >= v.event_date
    where p.place = 1
),

seen as (
    select
        v.month,
        v.person_key,
        v.disease_code,
        count(case when v.disease_code = 'SMI' or c.code is not null then 1 end) as visits,
        max(case when v.exam_flag = '1' and {{ year_of('v.event_date') }} = v.year then 1 else 0 end) as is_examined
    from visited as v
    left join {{ ref('policy_code') }} as c
        on
            v.month = c.month
            and c.code_set = 'face_to_face_followup_way'
            and v.followup_way = c.code
    group by
        v.month,
        v.person_key,
        v.disease_code
),

reading as (
    select
        month,
        person_key,
        disease_code,
        systolic_mmhg,
        diastolic_mmhg,
        fasting_glucose_mmol,
        hba1c_pct,
        row_number() over (
            partition by month, person_key, disease_code
            order by
                event_date desc nulls last,
                followup_id desc nulls last,
                source_batch_id desc nulls last,
                source_line desc nulls last
        ) as place
    from visited
    where
        (disease_code = 'HTN' and systolic_mmhg is not null and diastolic_mmhg is not null)
        or (disease_code = 'DM2' and fasting_glucose_mmol is not null)
),

judged as (
    select
        p.month,
        p.institution_id,
        p.person_key,
        p.last_day as event_date,
        p.disease_code,
        case when p.disease_code <> 'SMI' and p.place_of_person = 1 then 1 end as managed_patients,
        case
            when
                coalesce(s.visits, 0)
                >= {{ integer_divide('p.months_due * cast(q.chronic_visits_per_year as integer)', '12') }}
                then 1
            else 0
        end as on_schedule,
        case
            when
                r.systolic_mmhg < case
                    when p.year - d.birth_year >= q.elderly_from_age then q.systolic_limit_elderly
                    else q.systolic_limit
                end
                and r.diastolic_mmhg < q.diastolic_limit
                then 1
            else 0
        end as pressure_controlled,
        case when r.fasting_glucose_mmol < q.fasting_glucose_limit then 1 else 0 end as sugar_controlled,
        case when r.hba1c_pct < q.hba1c_limit then 1 when r.hba1c_pct is not null then 0 end as hba1c_controlled,
        coalesce(s.is_examined, 0) as is_examined,
        p.source_batch_id,
        p.source_file,
        p.source_line
    from patient as p
    inner join {{ ref('policy_parameter') }} as q
        on p.month = q.month
    left join seen as s
        on
            p.month = s.month
            and p.person_key = s.person_key
            and p.disease_code = s.disease_code
    left join reading as r
        on
            p.month = r.month
            and p.person_key = r.person_key
            and p.disease_code = r.disease_code
            and r.place = 1
    left join {{ ref('dim_person') }} as d
        on p.person_key = d.person_key
    where p.place = 1
)

select
    month,
    institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    person_key,
    event_date,
    managed_patients,
    case when disease_code = 'HTN' then 1 end as hypertension_patients,
    case when disease_code = 'HTN' then on_schedule end as hypertension_on_schedule,
    case when disease_code = 'HTN' then pressure_controlled end as hypertension_controlled,
    case when disease_code = 'DM2' then 1 end as diabetes_patients,
    case when disease_code = 'DM2' then on_schedule end as diabetes_on_schedule,
    case when disease_code = 'DM2' then sugar_controlled end as diabetes_controlled,
    case when disease_code = 'DM2' then hba1c_controlled end as diabetes_hba1c_controlled,
    case when disease_code = 'SMI' then 1 end as mental_patients,
    case when disease_code = 'SMI' then on_schedule end as mental_on_schedule,
    case when disease_code = 'SMI' then is_examined end as mental_examined,
    'ph_chronic_enrol' as source_feed,
    source_batch_id,
    source_file,
    source_line
from judged
