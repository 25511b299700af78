-- Grain: deliverer_id, contract_id.
select
    c.deliverer_id,
    c.contract_id,
    c.org_code as institution_id,
    {{ month_of('c.sign_date') }} as month,
    c.sign_date as event_date,
    c.ehr_key,
    coalesce(p.person_key, c.ehr_key) as person_key,
    c.team_id,
    c.doctor_id as staff_id,
    c.start_date,
    c.end_date,
    c.package_code,
    c.paid_flag,
    c.fee as fee_fen,
    c.fund_source,
    c.key_group as key_group_code,
    c.renew_flag,
    c.status,
    c.source_batch_id,
    c.source_file,
    c.source_line
from {{ ref('stg_ph_contract') }} as c
{{ known_person('ehr', 'c.ehr_key') }}
