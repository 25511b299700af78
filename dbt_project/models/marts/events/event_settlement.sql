-- Settlements with the insurance, in the county and outside it. A refund is a row of its own with a minus sign, so sums
-- are net. Institution and amounts beyond total and fund are known of those in the county only.
with settled as (
    select
        month,
        event_date,
        true as is_in_county,
        institution_id,
        care_division_code,
        care_kind,
        medical_type_code,
        insurance_type_code,
        settlement_count,
        total_fen,
        fund_total_fen,
        cash_fen,
        person_key,
        'si_settlement' as source_feed,
        source_batch_id,
        source_file,
        source_line
    from {{ ref('fct_settlement') }}

    union all

    select
        month,
        event_date,
        false as is_in_county,
        cast(null as string) as institution_id,
        care_division_code,
        {{ care_kind('medical_type_code') }} as care_kind,
        medical_type_code,
        cast(null as string) as insurance_type_code,
        1 as settlement_count,
        total_fen,
        fund_total_fen,
        cast(null as bigint) as cash_fen,
        person_key,
        'si_out_of_county' as source_feed,
        source_batch_id,
        source_file,
        source_line
    from {{ ref('fct_out_of_county_settlement') }}
)

select
    s.month,
    s.event_date,
    s.is_in_county,
    s.institution_id,
    s.care_division_code,
    s.care_kind,
    s.medical_type_code,
    s.insurance_type_code,
    s.settlement_count,
    s.total_fen,
    s.fund_total_fen,
    s.cash_fen,
    p.managing_institution_id as home_institution_id,
    s.source_feed,
    s.source_batch_id,
    s.source_file,
    s.source_line
from settled as s
left join {{ ref('dim_person') }} as p
    on s.person_key = p.person_key
