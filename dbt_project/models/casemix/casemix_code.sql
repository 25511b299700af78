-- Grain: case_number, terminology, position.
-- Codes in the order in which the scheme looks at them. Procedures are counted anew from 1, whatever numbers they came
-- under; a diagnosis in position 1 is the principal one because it was said to be: nothing moves up into its place.
-- What the county decided a code to be goes first. Else it is cleaned, and read as it then stands if the scheme lists
-- it; else as the warehouse translated it, or, where nothing did, as the insurance edition or the clinical map has it.
with delivered as (
    select
        c.scheme,
        d.case_number,
        d.terminology,
        d.position,
        d.code,
        d.translated_code,
        d.is_decided
    from {{ ref('casemix_delivered_code') }} as d
    inner join {{ ref('casemix_case') }} as c
        on d.case_number = c.case_number
    where c.scheme is not null
),

-- Each code once: cleaning them all would be most of the work.
different as (
    select distinct
        scheme,
        terminology,
        code
    from delivered
),

cleaned as (
    select
        scheme,
        terminology,
        code,
        {{ clean_code('terminology', 'code') }} as clean_code
    from different
),

listed as (
    select distinct
        scheme,
        terminology,
        code
    from {{ incoming('casemix', 'list') }}
),

reading as (
    select
        c.scheme,
        c.terminology,
        c.code as source_code,
        l.code as listed_code,
        coalesce(n.code, m.target_code) as known_code,
        c.clean_code
    from cleaned as c
    left join listed as l
        on
            c.scheme = l.scheme
            and c.terminology = l.terminology
            and c.clean_code = l.code
    left join {{ incoming('reference', 'nhsa_code') }} as n
        on
            c.terminology = n.terminology
            and c.clean_code = n.code
    left join {{ incoming('reference', 'clinical_map') }} as m
        on
            c.terminology = m.terminology
            and c.clean_code = m.source_code
)

select
    d.scheme,
    d.case_number,
    d.terminology,
    case
        when d.terminology = 'diagnosis' then d.position
        else
            row_number() over (
                partition by d.case_number, d.terminology
                order by d.position asc nulls last
            )
    end as position,
    coalesce(
        case when d.is_decided then d.translated_code end, r.listed_code, d.translated_code, r.known_code, r.clean_code
    ) as code,
    coalesce(d.translated_code, r.listed_code, r.known_code) is not null as is_known
from delivered as d
inner join reading as r
    on
        d.scheme = r.scheme
        and d.terminology = r.terminology
        and d.code = r.source_code
