-- Grain: deliverer_id, deduction_id.
-- A deduction belongs to the month of its settlement; of one that names none known, to that of its newest delivery.
-- Until an appeal has ended the whole amount is held back.
select
    d.deliverer_id,
    d.ded_id as deduction_id,
    d.org_code as institution_id,
    coalesce(s.month, d.delivery_month) as month,
    coalesce(s.event_date, m.last_day) as event_date,
    d.setl_id as settlement_id,
    d.rule_code,
    d.dept_code as department_code,
    d.doctor_code,
    d.appeal_status,
    d.amount as amount_fen,
    coalesce(d.final_amount, d.amount) as final_fen,
    d.source_batch_id,
    d.source_file,
    d.source_line
from {{ ref('stg_si_deduction') }} as d
{{ named_settlement('d') }}
left join {{ ref('dim_month') }} as m
    on d.delivery_month = m.month
