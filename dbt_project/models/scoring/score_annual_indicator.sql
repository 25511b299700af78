-- The card of the year, as far as the year has gone: the items of the month's card with the value of the year so far.
with {{ card_items(annual_window(), this_year=true) }}

select
    c.month,
    c.institution_id,
    c.dimension,
    c.kpi_id,
    cast(c.weight as decimal(9, 4)) as weight,
    {{ annual_window() }} as kpi_window,
    c.value_month,
    c.value,
    c.status,
    cast(c.must_reach as decimal(18, 6)) as must_reach,
    c.is_threshold_missed,
    cast(c.score as decimal(9, 4)) as score
from card as c
inner join {{ ref('dim_kpi') }} as k
    on c.kpi_id = k.kpi_id
