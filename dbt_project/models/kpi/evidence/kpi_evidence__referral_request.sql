-- KPI-056 and 057: what became of each request for a referral, as it stood at the end of the last month, in the month
-- it was asked for. What is still open and not yet due is neither good nor bad.
with last_month as (
    select max(last_day) as last_day from {{ ref('dim_month') }}
),

request as (
    select
        r.*,
        i.is_primary_care and r.direction = '1' and r.status <> '90' as is_to_be_answered,
        r.status in ('25', '90') as is_ended,
        -- The first sign of the receiver; a refusal is none.
        case
            when r.status <> '25'
                then least(coalesce(r.accept_time, r.arrive_time), coalesce(r.arrive_time, r.accept_time))
        end as answer_time,
        case when r.severity = '4' then p.critical_referral_minutes else p.referral_answer_minutes end
            as answer_minutes,
        p.referral_arrival_days,
        e.last_day
    from {{ ref('fct_referral') }} as r
    inner join {{ ref('policy_parameter') }} as p
        on r.request_month = p.month
    cross join last_month as e
    left join {{ ref('dim_institution') }} as i
        on r.institution_id = i.institution_id
    where
        r.direction in ('1', '2')
        and not r.is_test_patient
),

judged as (
    select
        *,
        -- An answer before the request is a wrong clock, and not in time.
        coalesce(
            {{ seconds_between('apply_time', 'answer_time') }} between 0 and 60 * answer_minutes, false
        ) as is_in_time,
        answer_time is not null
        or status = '25'
        -- Whole days after that of the request.
        or {{ days_between('request_date', 'last_day') }} * 1440 >= answer_minutes as is_answer_due,
        arrive_time is not null
        or is_ended
        or {{ days_between('request_date', 'last_day') }} > referral_arrival_days as is_decided
    from request
)

select
    request_month as month,
    institution_id,
    cast(null as string) as department_code,
    staff_id,
    person_key,
    request_date as event_date,
    case when is_to_be_answered and is_answer_due then 1 end as up_requests,
    case when is_to_be_answered and is_answer_due then (case when is_in_time then 1 else 0 end) end
        as answered_up_requests,
    case when is_decided then 1 end as decided_requests,
    case when is_decided then (case when arrive_time is null or is_ended then 1 else 0 end) end as failed_requests,
    'his_referral' as source_feed,
    source_batch_id,
    source_file,
    source_line
from judged
where is_decided or (is_to_be_answered and is_answer_due)
