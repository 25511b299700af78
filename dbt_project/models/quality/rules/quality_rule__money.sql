-- Charges, prescriptions and settlements: sums that must agree, reversals that must have an original (V13, V26, V38).
with parameter as (
    select max(value) as tolerance_fen
    from {{ ref('policy_quality_parameter') }}
    where parameter = 'settlement_tolerance_fen'
),

original as (
    select
        deliverer_id,
        fee_id,
        max(amount_fen) as amount_fen
    from {{ ref('fct_fee_line') }}
    where not is_reversal
    group by
        deliverer_id,
        fee_id
),

reversed as (
    select
        deliverer_id,
        reversed_fee_id as fee_id,
        sum(amount_fen) as amount_fen
    from {{ ref('fct_fee_line') }}
    where
        is_reversal
        and reversed_fee_id is not null
    group by
        deliverer_id,
        reversed_fee_id
),

item_sum as (
    select
        deliverer_id,
        institution_id,
        prescription_id,
        sum(amount_fen) as amount_fen
    from {{ ref('fct_prescription_item') }}
    group by
        deliverer_id,
        institution_id,
        prescription_id
),

charge_sum as (
    select
        institution_id,
        settlement_id,
        sum(amount_fen) as amount_fen
    from {{ ref('fct_fee_line') }}
    where settlement_id is not null
    group by
        institution_id,
        settlement_id
)

select
    'REVERSAL_WITHOUT_ORIGINAL' as rule_id,
    'his_fee_detail' as feed,
    'refund_ref' as column_name,
    f.source_batch_id,
    f.source_file,
    f.source_line,
    o.fee_id is null as is_violated
from {{ ref('fct_fee_line') }} as f
left join original as o
    on
        f.deliverer_id = o.deliverer_id
        and f.reversed_fee_id = o.fee_id
where f.is_reversal
union all
select
    'REVERSED_TOO_MUCH' as rule_id,
    'his_fee_detail' as feed,
    'amount' as column_name,
    f.source_batch_id,
    f.source_file,
    f.source_line,
    o.amount_fen + r.amount_fen < 0 as is_violated
from {{ ref('fct_fee_line') }} as f
inner join original as o
    on
        f.deliverer_id = o.deliverer_id
        and f.reversed_fee_id = o.fee_id
inner join reversed as r
    on
        f.deliverer_id = r.deliverer_id
        and f.reversed_fee_id = r.fee_id
where f.is_reversal
union all
select
    'LINE_AMOUNT_DIFFERS' as rule_id,
    'his_fee_detail' as feed,
    'amount' as column_name,
    f.source_batch_id,
    f.source_file,
    f.source_line,
    abs(f.quantity * f.price_fen - f.amount_fen) > p.tolerance_fen as is_violated
from {{ ref('fct_fee_line') }} as f
cross join parameter as p
where
    f.quantity is not null
    and f.price_fen is not null
union all
select
    'ITEMS_DIFFER_FROM_TOTAL' as rule_id,
    'his_rx' as feed,
    'rx_amount' as column_name,
    x.source_batch_id,
    x.source_file,
    x.source_line,
    abs(x.amount_fen - i.amount_fen) > p.tolerance_fen as is_violated
from {{ ref('fct_prescription') }} as x
inner join item_sum as i
    on
        x.deliverer_id = i.deliverer_id
        and x.institution_id = i.institution_id
        and x.prescription_id = i.prescription_id
cross join parameter as p
where x.amount_fen is not null
union all
select
    'PARTS_DIFFER_FROM_TOTAL' as rule_id,
    'si_settlement' as feed,
    'medfee_sumamt' as column_name,
    s.source_batch_id,
    s.source_file,
    s.source_line,
    abs(
        s.total_fen - s.fund_total_fen - s.person_total_fen - coalesce(s.hospital_borne_fen, 0)
    ) > p.tolerance_fen as is_violated
from {{ ref('fct_settlement') }} as s
cross join parameter as p
where
    s.fund_total_fen is not null
    and s.person_total_fen is not null
union all
select
    'SETTLEMENT_DIFFERS_FROM_CHARGES' as rule_id,
    'si_settlement' as feed,
    'medfee_sumamt' as column_name,
    s.source_batch_id,
    s.source_file,
    s.source_line,
    abs(s.total_fen - c.amount_fen) > p.tolerance_fen as is_violated
from {{ ref('fct_settlement') }} as s
inner join charge_sum as c
    on
        s.institution_id = c.institution_id
        and s.settlement_id = c.settlement_id
cross join parameter as p
