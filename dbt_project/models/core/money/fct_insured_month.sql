-- Grain: deliverer_id, insurance_key, month.
select
    i.deliverer_id,
    i.insurance_key,
    i.insured_month as month,
    coalesce(p.person_key, i.insurance_key) as person_key,
    i.insutype as insurance_type_code,
    i.insu_admdvs as insured_division_code,
    i.psn_type as person_type_code,
    i.birth_year,
    i.gender as gender_code,
    i.resident_township as residence_township_code,
    i.alliance_id,
    i.contract_org as contracted_institution_id,
    i.risk_score,
    i.source_batch_id,
    i.source_file,
    i.source_line
from {{ ref('stg_si_insured') }} as i
{{ known_person('insurance', 'i.insurance_key') }}
