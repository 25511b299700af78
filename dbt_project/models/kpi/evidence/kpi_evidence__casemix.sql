-- KPI-080 and 095 to 102: cases by our own group of them. One row per list; a stay settled in parts counts once, on its
-- last list and with all its cost. Cost and stay against their means are kept in millionths, so that sums are exact:
-- the index is their mean (methods D2). Test patients and days without a scheme are no cases.
with valued as (
    select
        v.*,
        v.stay_fen * 100 >= v.mean_cost_fen * p.high_outlier_hundredths as is_high_outlier,
        v.stay_fen * 100 < v.mean_cost_fen * p.low_outlier_hundredths as is_low_outlier,
        v.is_last_of_stay and v.status = 'grouped' and v.risk_level <= p.low_mortality_risk_level as is_low_risk,
        v.is_last_of_stay
        and (v.status <> 'rejected' or coalesce(v.reason = 'newborn_without_weight', false)) as is_case,
        v.is_last_of_stay and v.status = 'grouped' as is_grouped,
        v.is_last_of_stay and v.status = 'grouped' and v.weight_ten_thousandths is not null as is_weighed,
        v.is_last_of_stay and v.status = 'grouped' and coalesce(v.mean_cost_fen, 0) > 0 as has_mean_cost,
        v.is_last_of_stay
        and v.status = 'grouped'
        and coalesce(v.mean_los_hundredths, 0) > 0
        and v.inpatient_days is not null as has_mean_los
    from {{ ref('casemix_case_value') }} as v
    inner join {{ ref('policy_parameter') }} as p
        on v.month = p.month
),

in_order as (
    select
        *,
        row_number() over (
            partition by institution_id, month, is_weighed
            order by case_id asc nulls last
        ) as weighed_place
    from valued
)

select
    month,
    institution_id,
    department_code,
    staff_id,
    cast(null as string) as person_key,
    event_date,
    case when is_case then 1 end as cases,
    case when is_case then (case when status = 'grouped' then 0 else 1 end) end as ungrouped_cases,
    case when is_grouped then 1 end as grouped_cases,
    case when is_grouped then 1 end as scheme_cases,
    case when is_weighed then 1 end as weighed_cases,
    case when is_weighed then weight_ten_thousandths end as weight_ten_thousandths,
    case when is_weighed and weighed_place = 1 then 1 end as weighed_months,
    case when has_mean_cost then 1 end as cost_cases,
    case
        when has_mean_cost
            then {{ divide_half_up('cast(stay_fen as bigint) * 1000000', 'cast(mean_cost_fen as bigint)') }}
    end as cost_millionths,
    case when has_mean_cost then (case when is_high_outlier then 1 else 0 end) end as high_outlier_cases,
    case when has_mean_cost then (case when is_low_outlier then 1 else 0 end) end as low_outlier_cases,
    case when has_mean_los then 1 end as los_cases,
    case
        when has_mean_los
            then {{ divide_half_up('cast(inpatient_days as bigint) * 100000000', 'mean_los_hundredths') }}
    end as los_millionths,
    case when is_low_risk then 1 end as low_risk_cases,
    case when is_low_risk then (case when has_died then 1 else 0 end) end as low_risk_deaths,
    drg,
    scheme,
    'si_settle_list' as source_feed,
    source_batch_id,
    source_file,
    source_line
from in_order
