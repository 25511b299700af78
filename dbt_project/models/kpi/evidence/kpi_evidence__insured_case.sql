-- Where the insured were treated: their settled cases in the county and outside it, in the community that answers for
-- them. A case counts once, however often it was settled; without a row of the insured it is its institution's.
select
    month,
    institution_id,
    community_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    person_key,
    event_date,
    1 as cases,
    1 as cases_in_county,
    case when care_kind = 'inpatient' then 1 end as inpatient_cases,
    case when care_kind = 'inpatient' then 1 end as inpatient_cases_in_county,
    'si_settlement' as source_feed,
    source_batch_id,
    source_file,
    source_line
from {{ ref('settled_case') }}
where is_in_county

union all

select
    month,
    institution_id,
    community_id,
    cast(null as string) as department_code,
    cast(null as string) as staff_id,
    person_key,
    event_date,
    1 as cases,
    0 as cases_in_county,
    case when care_kind = 'inpatient' then 1 end as inpatient_cases,
    case when care_kind = 'inpatient' then 0 end as inpatient_cases_in_county,
    'si_out_of_county' as source_feed,
    source_batch_id,
    source_file,
    source_line
from {{ ref('settled_case') }}
where not is_in_county
