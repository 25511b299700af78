-- People of the key groups at the end of each month, once each: the old and children by the year of birth on the health
-- record, registered patients, mothers until six weeks after delivery; and whether they have a contract in force.
-- Booked at the institution that manages the health record.
with member as (
    select
        m.month,
        r.person_key
    from {{ ref('fct_health_record') }} as r
    inner join {{ ref('dim_month') }} as m
        on r.create_date <= m.last_day
    inner join {{ ref('policy_parameter') }} as p
        on m.month = p.month
    where
        r.file_status = '1'
        and (m.year - r.birth_year >= p.elderly_from_age or (m.year - r.birth_year) * 12 < p.child_months)

    union

    select
        m.month,
        e.person_key
    from {{ ref('fct_chronic_enrolment') }} as e
    inner join {{ ref('dim_month') }} as m
        on
            e.enrol_date <= m.last_day
            and (e.end_date is null or e.end_date > m.last_day)
    inner join {{ ref('policy_code') }} as c
        on
            m.month = c.month
            and c.code_set = 'key_group_disease'
            and e.disease_code = c.code

    union

    select
        m.month,
        b.person_key
    from {{ ref('fct_pregnancy') }} as b
    inner join {{ ref('dim_month') }} as m
        on b.register_date <= m.last_day
    inner join {{ ref('policy_parameter') }} as p
        on m.month = p.month
    where
        b.person_key is not null
        and (b.event_date is null or {{ days_between('b.event_date', 'm.last_day') }} <= p.puerperium_days)
),

contracted as (
    select distinct
        month,
        person_key
    from {{ ref('kpi_evidence__contract') }}
    where contracted_residents = 1
)

select
    g.month,
    r.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    g.person_key,
    m.last_day as event_date,
    1 as key_group_residents,
    case when c.person_key is not null then 1 else 0 end as key_group_contracted,
    'ph_ehr' as source_feed,
    r.source_batch_id,
    r.source_file,
    r.source_line
from member as g
inner join {{ ref('dim_month') }} as m
    on g.month = m.month
-- Who has no live record of their own is looked after by nobody, and known to no list.
inner join {{ ref('dim_person') }} as d
    on g.person_key = d.person_key
inner join {{ ref('fct_health_record') }} as r
    on d.ehr_key = r.ehr_key
left join contracted as c
    on
        g.month = c.month
        and g.person_key = c.person_key
