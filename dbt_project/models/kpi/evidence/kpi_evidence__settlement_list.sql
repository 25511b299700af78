-- KPI-106: lists uploaded, and passed the first time: never sent back and never changed. KPI-103: cases of county
-- hospitals, one per visit (the list that settles to its end), and those whose special review was agreed to.
with list as (
    select
        s.*,
        i.is_county_hospital,
        coalesce(s.upload_status, '0') in ('1', '2') or s.was_sent_back as is_uploaded,
        row_number() over (
            partition by s.deliverer_id, s.institution_id, s.insurance_visit_id
            order by
                s.settled_until desc nulls last,
                s.settlement_id desc nulls last,
                s.source_batch_id desc nulls last,
                s.source_line desc nulls last
        ) as place_from_end
    from {{ ref('fct_settlement_list') }} as s
    left join {{ ref('dim_institution') }} as i
        on s.institution_id = i.institution_id
    where not s.is_test_patient
),

agreed as (
    select distinct
        l.deliverer_id,
        l.institution_id,
        l.insurance_visit_id
    from list as l
    inner join {{ ref('fct_special_case') }} as c
        on
            l.deliverer_id = c.deliverer_id
            and l.settlement_id = c.settlement_id
    where c.is_agreed
)

select
    l.month,
    l.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    cast(null as string) as person_key,
    l.event_date,
    case when l.is_uploaded then 1 end as uploaded_lists,
    case when l.is_uploaded then (case when l.upload_status = '1' and not l.was_sent_back then 1 else 0 end) end
        as first_pass_lists,
    case when l.is_county_hospital and l.place_from_end = 1 then 1 end as hospital_cases,
    case
        when l.is_county_hospital and l.place_from_end = 1
            then (case when a.insurance_visit_id is null then 0 else 1 end)
    end as special_cases,
    'si_settle_list' as source_feed,
    l.source_batch_id,
    l.source_file,
    l.source_line
from list as l
inner join {{ ref('policy_parameter') }} as p
    on l.month = p.month
left join agreed as a
    on
        l.deliverer_id = a.deliverer_id
        and l.institution_id = a.institution_id
        and l.insurance_visit_id = a.insurance_visit_id
