-- KPI-011: what this month's settlements cost more than they would have at last year's average of the same
-- institution and kind of care. Outpatient and inpatient care keep their own averages; adding the rows weights them.
-- Last year's average comes from the warehouse where it reaches back that far, else from the opening figures.
with first_month as (
    select min(month) as month from {{ ref('dim_month') }}
),

settled as (
    select
        month,
        institution_id,
        care_kind,
        sum(total_fen) as total_fen,
        sum(settlement_count) as settlements
    from {{ ref('fct_settlement') }}
    group by
        month,
        institution_id,
        care_kind
),

average_of_month as (
    select
        s.month,
        s.institution_id,
        s.care_kind,
        {{ divide_half_up('cast(s.total_fen as bigint)', 'cast(s.settlements as bigint)') }} as average_fen
    from settled as s
    cross join first_month as f
    where
        s.month >= f.month
        and s.settlements > 0
        and s.total_fen > 0
),

previous_average as (
    select
        s.month,
        s.institution_id,
        s.care_kind,
        coalesce(w.average_fen, o.average_fen) as average_fen,
        case when w.average_fen is null then 'base_policy' else 'base_warehouse' end as average_from,
        m.last_day_year_before
    from settled as s
    inner join {{ ref('dim_month') }} as m
        on s.month = m.month
    left join average_of_month as w
        on
            w.month = {{ month_of('m.last_day_year_before') }}
            and s.institution_id = w.institution_id
            and s.care_kind = w.care_kind
    left join {{ ref('policy_opening_cost') }} as o
        on
            s.month = o.month
            and s.institution_id = o.institution_id
            and s.care_kind = o.care_kind
)

select
    s.month,
    s.institution_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    s.person_key,
    s.event_date,
    s.total_fen - s.settlement_count * a.average_fen as excess_cost_fen,
    s.settlement_count * a.average_fen as expected_cost_fen,
    'excess_cost_fen' as cited_for,
    s.care_kind as cited_care_kind,
    a.average_from as cited_as,
    a.last_day_year_before as cited_date,
    a.average_fen as cited_fen,
    'si_settlement' as source_feed,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('fct_settlement') }} as s
inner join previous_average as a
    on
        s.month = a.month
        and s.institution_id = a.institution_id
        and s.care_kind = a.care_kind
where a.average_fen > 0
