-- Grain: case_id.
-- Stays that are not simply low, normal or high: special reviews, and those without a standard by the rules, with why.
-- They are paid by agreement or not yet, and somebody has to look at each.
select
    s.case_id,
    s.deliverer_id,
    s.settlement_id,
    s.institution_id,
    s.month,
    s.insurance,
    s.method,
    s.deviation,
    case
        when s.special_result is not null then 'special_review_' || s.special_result
        when s.deviation = 'ungrouped' and s.method = 'dip' then 'no_result'
        when s.deviation = 'ungrouped' then coalesce(g.reason, 'no_list')
        else s.deviation
    end as reason,
    s.total_fen,
    s.personal_fen,
    s.actual_fund_fen,
    s.payment_standard_fen,
    s.fund_due_fen,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('casemix_settlement') }} as s
left join {{ ref('casemix_group') }} as g
    on s.case_id = g.case_id
where
    s.special_result is not null
    or s.deviation not in ('low', 'normal', 'high', 'not_by_case')
