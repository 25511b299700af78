-- Average cost per settled case one year before each month, from the opening figures of the county: rounded half up.
select
    m.month,
    o.institution_id,
    o.care_kind,
    max({{ divide_half_up('cast(o.cost_fen as bigint)', 'cast(o.cases as bigint)') }}) as average_fen
from {{ ref('dim_month') }} as m
inner join {{ incoming('policy', 'opening_average_cost') }} as o
    on
        o.month = {{ month_of('m.last_day_year_before') }}
        and {{ in_force('o', 'm.last_day') }}
group by
    m.month,
    o.institution_id,
    o.care_kind
