-- Grain: deliverer_id, transaction_id.
-- Booked with the provider, on the day of the teleconsultation it pays for; of any other record when the provider
-- confirmed it, else in the month of its newest delivery. Status 4 says of a positive amount that it counts no more; a
-- negative one takes another back and counts.
select
    t.deliverer_id,
    t.txn_id as transaction_id,
    t.provider_org as institution_id,
    t.consumer_org as consumer_institution_id,
    coalesce(c.month, {{ month_of('t.confirm_provider') }}, t.delivery_month) as month,
    coalesce(c.event_date, cast(t.confirm_provider as date), m.last_day) as event_date,
    t.service_code,
    t.price_ver as price_version,
    t.ref_table as record_feed,
    t.ref_id as record_id,
    c.person_key,
    t.qty as quantity,
    t.price as price_fen,
    t.amount as amount_fen,
    t.confirm_provider as provider_confirmed_at,
    t.confirm_consumer as consumer_confirmed_at,
    t.status,
    t.amount < 0 as is_reversal,
    coalesce(c.is_test_patient, false) as is_test_patient,
    (t.status <> '4' or t.amount < 0) and not coalesce(c.is_test_patient, false) as is_valid,
    t.source_batch_id,
    t.source_file,
    t.source_line
from {{ ref('stg_fin_internal_txn') }} as t
left join {{ ref('fct_teleconsult') }} as c
    on
        t.deliverer_id = c.deliverer_id
        and case when t.ref_table = 'his_teleconsult' then t.ref_id end = c.teleconsult_id
left join {{ ref('dim_month') }} as m
    on t.delivery_month = m.month
