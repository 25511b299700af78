-- Grain: deliverer_id, stated_institution_id, prescription_id, item_number.
-- A row that names no institution belongs to the only prescription of that number with the same deliverer: villages of
-- one township may number alike, and nothing is given to the wrong one.
with prescription as (
    select
        deliverer_id,
        prescription_id,
        institution_id,
        event_date,
        count(*) over (partition by deliverer_id, prescription_id) = 1 as is_only
    from {{ ref('fct_prescription') }}
),

addressed as (
    {{ named_or_only('prescription') }}
)

select
    i.deliverer_id,
    coalesce(i.org_code, i.deliverer_id) as stated_institution_id,
    i.rx_no as prescription_id,
    i.item_no as item_number,
    p.institution_id,
    {{ month_of('p.event_date') }} as month,
    p.event_date,
    i.drug_code,
    i.nhsa_drug_code,
    {{ translated_item('i.nhsa_drug_code') }},
    i.dose,
    i.dose_unit,
    i.freq as frequency_code,
    i.route as route_code,
    i.days as drug_days,
    i.qty as quantity,
    i.unit as quantity_unit,
    i.price as price_fen,
    i.amount as amount_fen,
    i.ddd_value,
    i.antibiotic_level,
    i.essential_flag,
    i.vbp_flag as volume_based_flag,
    i.injection_flag,
    i.source_batch_id,
    i.source_file,
    i.source_line
from {{ ref('stg_his_rx_item') }} as i
left join addressed as p
    on
        i.deliverer_id = p.deliverer_id
        and i.rx_no = p.prescription_id
        and coalesce(i.org_code, '') = p.named_as
{{ insurance_code('p.institution_id', 'i.drug_code') }}
{{ county_code("'drug'", 'i.deliverer_id', 'i.drug_code', 'p.event_date') }}
