-- What was paid for the insured, in the month it was settled: refunds are negative amounts of their own month. In the
-- community that answers for the insured person; without a row of the insured it is its institution's. Out of the
-- package come payments of the pooling fund; outside the county only the sum of all funds is known.
with paid as (
    select
        s.month,
        s.institution_id,
        s.insurance_key,
        s.person_key,
        s.event_date,
        true as is_in_county,
        i.is_primary_care,
        s.care_kind,
        s.total_fen,
        s.fund_total_fen,
        s.pooling_fund_fen as package_fund_fen,
        'si_settlement' as source_feed,
        s.source_batch_id,
        s.source_file,
        s.source_line
    from {{ ref('fct_settlement') }} as s
    left join {{ ref('dim_institution') }} as i
        on s.institution_id = i.institution_id

    union all

    select
        month,
        cast(null as string) as institution_id,
        insurance_key,
        person_key,
        event_date,
        false as is_in_county,
        false as is_primary_care,
        {{ care_kind('medical_type_code') }} as care_kind,
        total_fen,
        fund_total_fen,
        fund_total_fen as package_fund_fen,
        'si_out_of_county' as source_feed,
        source_batch_id,
        source_file,
        source_line
    from {{ ref('fct_out_of_county_settlement') }}
)

select
    p.month,
    p.institution_id,
    h.alliance_id as community_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    p.person_key,
    p.event_date,
    p.fund_total_fen as fund_fen,
    p.package_fund_fen,
    case when p.is_in_county then p.fund_total_fen end as fund_in_county_fen,
    case when p.is_primary_care then p.fund_total_fen end as fund_primary_care_fen,
    case when p.care_kind = 'inpatient' then p.fund_total_fen end as inpatient_fund_fen,
    case when p.care_kind = 'inpatient' and not p.is_in_county then p.fund_total_fen end
        as inpatient_fund_out_of_county_fen,
    case when p.care_kind = 'inpatient' then p.total_fen end as inpatient_total_fen,
    p.source_feed,
    p.source_batch_id,
    p.source_file,
    p.source_line
from paid as p
{{ community_of_insured('p') }}
