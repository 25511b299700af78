-- Grain: case_id.
-- Cases that are grouped: settlement lists of stays, by the scheme in force on the day of discharge.
-- (`yigongti casemix group` puts cases of a file in the place of this table and of casemix_delivered_code.)
select
    row_number() over (
        order by
            l.deliverer_id asc nulls last,
            l.settlement_id asc nulls last
    ) as case_number,
    l.deliverer_id || ' ' || l.settlement_id as case_id,
    r.scheme,
    l.deliverer_id,
    l.settlement_id,
    l.insurance_visit_id,
    l.institution_id,
    l.month,
    l.event_date,
    l.payment_method_code,
    l.total_fen,
    case when l.is_test_patient then 'test_patient' end as refused_because,
    cast(case when l.sex_code in ('1', '2') then l.sex_code end as integer) as sex,
    -- An infant's list may say days only.
    coalesce(cast(floor(l.age_years) as integer), case when l.age_days < 365 then 0 end) as age_years,
    l.age_days,
    cast(case when l.newborn_weight_g > 0 then l.newborn_weight_g end as double) as birth_weight_g,
    l.source_batch_id,
    l.source_file,
    l.source_line
from {{ ref('fct_settlement_list') }} as l
left join {{ incoming('casemix', 'rule') }} as r
    on
        l.event_date >= r.effective_from
        and l.event_date <= r.effective_to
where l.is_inpatient
