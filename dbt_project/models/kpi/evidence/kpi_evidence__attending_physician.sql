-- KPI-061: physicians with a visit or a discharge in the month, once per institution, and whether one of their requests
-- of the month was sound: of an indicated category, arrived, and not followed by an early return. The value counts
-- different physicians of the window.
with seen as (
    select
        month,
        institution_id,
        staff_id,
        event_date,
        'his_op_visit' as source_feed,
        source_batch_id,
        source_file,
        source_line
    from {{ ref('fct_outpatient_visit') }}
    where is_valid

    union all

    select
        month,
        institution_id,
        staff_id,
        event_date,
        'his_ip_stay' as source_feed,
        source_batch_id,
        source_file,
        source_line
    from {{ ref('fct_inpatient_stay') }}
    where is_valid
),

first_seen as (
    select
        s.*,
        row_number() over (
            partition by s.month, s.institution_id, s.staff_id
            order by
                s.event_date asc nulls last,
                s.source_batch_id asc nulls last,
                s.source_line asc nulls last
        ) as place_in_month
    from seen as s
    where s.staff_id is not null
),

sound as (
    select distinct
        r.request_month as month,
        r.institution_id,
        r.staff_id
    from {{ ref('fct_referral') }} as r
    inner join {{ ref('kpi_evidence__referral_sent') }} as e
        on
            r.source_batch_id = e.source_batch_id
            and r.source_line = e.source_line
    inner join {{ ref('policy_code') }} as c
        on
            r.month = c.month
            and r.diagnosis_category = c.code
            and (
                (r.direction = '1' and c.code_set = 'up_indication_category')
                or (r.direction = '2' and c.code_set = 'down_indication_category')
            )
    where coalesce(e.bounced_down_referrals, 0) = 0
)

select
    s.month,
    s.institution_id,
    cast(null as string) as department_code,
    s.staff_id,
    cast(null as string) as person_key,
    s.event_date,
    1 as attending_physicians,
    case when r.staff_id is not null then 1 end as referring_physicians,
    s.institution_id || '/' || s.staff_id as physician_id,
    s.source_feed,
    s.source_batch_id,
    s.source_file,
    s.source_line
from first_seen as s
inner join {{ ref('policy_parameter') }} as p
    on s.month = p.month
left join sound as r
    on
        s.month = r.month
        and s.institution_id = r.institution_id
        and s.staff_id = r.staff_id
where s.place_in_month = 1
