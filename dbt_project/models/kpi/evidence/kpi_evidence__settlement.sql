-- Cases of the institutions of the county: their cost, and what they cost more than they would have at last year's
-- average of the same institution and kind of care. Outpatient and inpatient care keep their own averages; adding the
-- rows weights them. Last year's average comes from the warehouse where it reaches back that far, else from the
-- opening figures.
with first_month as (
    select min(month) as month from {{ ref('dim_month') }}
),

settled as (
    select
        month,
        institution_id,
        care_kind,
        sum(total_fen) as total_fen,
        count(*) as cases
    from {{ ref('settled_case') }}
    where is_in_county
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
        {{ divide_half_up('cast(s.total_fen as bigint)', 'cast(s.cases as bigint)') }} as average_fen
    from settled as s
    cross join first_month as f
    where
        s.month >= f.month
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
    {%- for kind in ['outpatient', 'inpatient'] %}
    case when s.care_kind = '{{ kind }}' then cast(s.total_fen - a.average_fen as bigint) end
        as {{ kind }}_excess_cost_fen,
    case when s.care_kind = '{{ kind }}' then a.average_fen end as {{ kind }}_expected_cost_fen,
    {%- endfor %}
    {%- for kind in ['outpatient', 'inpatient'] %}
    case when s.care_kind = '{{ kind }}' then 1 end as {{ kind }}_cases,
    case when s.care_kind = '{{ kind }}' then cast(s.total_fen as bigint) end as {{ kind }}_cost_fen,
    {%- endfor %}
    case when a.average_fen is not null then s.care_kind || '_excess_cost_fen' end as cited_for,
    case when a.average_fen is not null then s.care_kind end as cited_care_kind,
    a.average_from as cited_as,
    a.last_day_year_before as cited_date,
    a.average_fen as cited_fen,
    'si_settlement' as source_feed,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('settled_case') }} as s
left join previous_average as a
    on
        s.month = a.month
        and s.institution_id = a.institution_id
        and s.care_kind = a.care_kind
        and a.average_fen > 0
where s.is_in_county
