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
    case when is_in_county then 1 else 0 end as cases_in_county,
    case when care_kind = 'inpatient' then 1 end as inpatient_cases,
    case when care_kind = 'inpatient' then (case when is_in_county then 1 else 0 end) end as inpatient_cases_in_county,
    source_feed,
    source_batch_id,
    source_file,
    source_line
from {{ ref('settled_case') }}
