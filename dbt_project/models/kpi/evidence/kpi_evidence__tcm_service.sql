-- The first service of Chinese medicine with guidance that a person got in a calendar year, for the old and for
-- children.
select
    month,
    institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    person_key,
    event_date,
    case when target_group = '1' then 1 end as elderly_served,
    case when target_group = '2' then 1 end as children_served,
    'ph_tcm' as source_feed,
    source_batch_id,
    source_file,
    source_line
from (
    select
        *,
        row_number() over (
            partition by person_key, target_group, substr(month, 1, 4)
            order by
                event_date asc nulls last,
                service_id asc nulls last,
                source_batch_id asc nulls last,
                source_line asc nulls last
        ) as place
    from {{ ref('fct_tcm_service') }}
    where guidance_flag = '1'
) as guided
where
    place = 1
    and month in (select m.month from {{ ref('dim_month') }} as m)
