-- Grain: month, community_id, insurance_type_code, capitation_group, place, age_from.
-- Person-months by the rate they are paid by: everybody insured by age, and those in care for a chronic disease by
-- where they are in care. A person counts once a month in a group, at one place, and by the rate in force in that
-- month. Source: methods F5; REQ-132.
with insured as (
    select
        i.month,
        i.person_key,
        i.alliance_id as community_id,
        i.insurance_type_code,
        m.year - i.birth_year as age_years,
        m.first_day,
        m.last_day,
        row_number() over (
            partition by i.month, i.person_key
            order by i.insurance_type_code asc nulls last, i.deliverer_id asc nulls last, i.insurance_key asc nulls last
        ) as place_in_list
    from {{ ref('fct_insured_month') }} as i
    inner join {{ ref('dim_month') }} as m
        on i.month = m.month
    where
        i.alliance_id is not null
        -- Where nobody is paid by heads nobody is counted.
        and (select count(*) from {{ incoming('policy', 'capitation_rate') }}) > 0
),

enrolled as (
    select
        m.month,
        e.person_key,
        e.disease_code,
        case when i.is_county_hospital then 'hospital' else 'primary' end as place,
        row_number() over (
            partition by m.month, e.person_key, e.disease_code
            order by e.enrol_date desc nulls last, e.deliverer_id asc nulls last, e.enrolment_id asc nulls last
        ) as enrolment_number
    from {{ ref('fct_chronic_enrolment') }} as e
    inner join {{ ref('dim_month') }} as m
        on
            e.enrol_date <= m.last_day
            and coalesce(e.end_date, m.last_day) >= m.last_day
    inner join {{ ref('dim_institution') }} as i
        on e.institution_id = i.institution_id
),

head as (
    select
        month,
        last_day,
        person_key,
        community_id,
        insurance_type_code,
        age_years,
        'basic' as capitation_group,
        'any' as place
    from insured
    where place_in_list = 1

    union all

    select
        i.month,
        i.last_day,
        i.person_key,
        i.community_id,
        i.insurance_type_code,
        i.age_years,
        e.disease_code as capitation_group,
        e.place
    from insured as i
    inner join enrolled as e
        on
            i.month = e.month
            and i.person_key = e.person_key
    where
        i.place_in_list = 1
        and e.enrolment_number = 1
)

select
    h.month,
    h.community_id,
    h.insurance_type_code,
    h.capitation_group,
    h.place,
    r.age_from,
    r.coefficient,
    r.annual_fen,
    count(*) as person_months
from head as h
inner join {{ incoming('policy', 'capitation_rate') }} as r
    on
        h.insurance_type_code = r.insurance
        and h.capitation_group = r.capitation_group
        and h.place = r.place
        and h.age_years >= r.age_from
        and h.age_years <= coalesce(r.age_to, h.age_years)
        and {{ in_force('r', 'h.last_day') }}
group by
    h.month,
    h.community_id,
    h.insurance_type_code,
    h.capitation_group,
    h.place,
    r.age_from,
    r.coefficient,
    r.annual_fen
