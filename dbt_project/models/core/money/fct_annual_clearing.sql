-- Grain: deliverer_id, institution_id, clearing_year.
select
    c.deliverer_id,
    c.fixmedins_code as institution_id,
    c.year as clearing_year,
    cast(c.year as string) || '-12' as month,
    try_cast(cast(c.year as string) || '-12-31' as date) as event_date,
    c.total_points,
    c.point_value as point_value_yuan,
    c.due_amount as due_fen,
    c.prepaid_total as prepaid_fen,
    c.assess_score as assessment_points,
    c.deposit_return as deposit_returned_fen,
    c.surplus_retain as surplus_retained_fen,
    c.overspend_share as overspending_borne_fen,
    c.final_payable as payable_fen,
    c.source_batch_id,
    c.source_file,
    c.source_line
from {{ ref('stg_si_annual_clearing') }} as c
