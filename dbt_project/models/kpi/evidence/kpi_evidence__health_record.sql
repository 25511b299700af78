-- Live health records at the end of each month, one per person: of several the newest. The state of a record is the one
-- known today, so that a record closed since is in no month.
with live as (
    select
        m.month,
        m.last_day,
        m.last_day_year_before,
        r.institution_id,
        r.person_key,
        r.standard_flag,
        r.last_dynamic_date,
        r.create_date,
        r.source_batch_id,
        r.source_file,
        r.source_line,
        row_number() over (
            partition by m.month, r.person_key
            order by
                r.create_date desc nulls last,
                r.ehr_key asc nulls last,
                r.source_batch_id asc nulls last,
                r.source_line asc nulls last
        ) as place
    from {{ ref('fct_health_record') }} as r
    inner join {{ ref('dim_month') }} as m
        on r.create_date <= m.last_day
    where r.file_status = '1'
)

select
    month,
    institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    person_key,
    last_day as event_date,
    1 as health_records,
    case when standard_flag = '1' then 1 else 0 end as standard_records,
    case when greatest(create_date, coalesce(last_dynamic_date, create_date)) > last_day_year_before then 1 else 0 end
        as active_records,
    'ph_ehr' as source_feed,
    source_batch_id,
    source_file,
    source_line
from live
where place = 1
