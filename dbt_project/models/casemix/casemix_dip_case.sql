-- Grain: case_id.
-- Cases with a DIP result of the insurer, by what the county's catalogue says of their group; of several results the
-- newest of the last part of the stay that has one counts. What a stay cost is all its settlements.
-- (`yigongti casemix dip` puts cases of a file in the place of this table.)
with result as (
    {{ dip_results_of_cases() }}
)

select
    s.case_id,
    s.deliverer_id,
    s.settlement_id,
    s.institution_id,
    s.month,
    s.event_date,
    s.region,
    r.group_type as dip_type,
    coalesce(s.insurance, '') as insurance,
    r.group_code,
    cast(c.score as double) as score,
    cast(coalesce(r.auxiliary_coefficient, 1) as double) as auxiliary_factor,
    cast(r.institution_coefficient as double) as institution_factor,
    cast(c.mean_cost_fen as double) as mean_cost_fen,
    cast(s.total_fen as double) as total_cost_fen,
    cast(coalesce(r.clearing_point_value_yuan, r.budget_point_value_yuan) as double) as point_value,
    r.final_score as delivered_score,
    r.payment_fen as delivered_fen
from result as r
inner join {{ ref('settlement_case') }} as s
    on r.case_id = s.case_id
inner join {{ incoming('policy', 'dip_catalogue') }} as c
    on
        r.group_code = c.dip_code
        and r.group_type = c.dip_type
where
    r.place = 1
    and s.event_date >= c.effective_from
    and s.event_date <= coalesce(c.effective_to, s.event_date)
