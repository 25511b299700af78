-- Grain: deliverer_id, settlement_id.
select
    s.deliverer_id,
    s.setl_id as settlement_id,
    {{ month_of('s.setl_time') }} as month,
    cast(s.setl_time as date) as event_date,
    s.setl_time as settled_at,
    s.insurance_key,
    coalesce(p.person_key, s.insurance_key) as person_key,
    s.mdtrt_admdvs as care_division_code,
    s.dest_level as destination_level,
    s.fixmedins_name as hospital_name,
    s.med_type as medical_type_code,
    s.main_diag_code as diagnosis_code,
    {{ disease_category() }} as diagnosis_category,
    {{ translated_code('diagnosis') }},
    s.drg_code,
    s.medfee_sumamt as total_fen,
    s.fund_pay_sumamt as fund_total_fen,
    s.referral_filed as referral_filed_code,
    s.manual_flag,
    s.source_batch_id,
    s.source_file,
    s.source_line
from {{ ref('stg_si_out_of_county') }} as s
{{ known_person('insurance', 's.insurance_key') }}
{{ translate_code('si_out_of_county', 'diagnosis', 's.deliverer_id', 's.main_diag_code', 'cast(s.setl_time as date)') }}
{{ known_category('s.main_diag_code') }}
