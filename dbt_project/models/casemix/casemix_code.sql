-- Grain: case_number, terminology, position.
-- Codes in the order in which the scheme looks at them. Procedures are counted anew from 1, whatever numbers they came
-- under; a diagnosis in position 1 is the principal one because it was said to be: nothing moves up into its place.
-- A code that was not translated is read as it stands if the scheme or the insurance edition knows it, else by the map
-- of the clinical edition.
with listed as (
    select distinct
        scheme,
        terminology,
        code
    from {{ incoming('casemix', 'list') }}
),

read as (
    select
        d.case_number,
        c.scheme,
        d.terminology,
        d.position,
        coalesce(d.translated_code, l.code, n.code, m.target_code, d.code) as code,
        coalesce(d.translated_code, l.code, n.code, m.target_code) is not null as is_known
    from {{ ref('casemix_delivered_code') }} as d
    inner join {{ ref('casemix_case') }} as c
        on d.case_number = c.case_number
    left join listed as l
        on
            c.scheme = l.scheme
            and d.terminology = l.terminology
            and d.code = l.code
    left join {{ incoming('reference', 'nhsa_code') }} as n
        on
            d.terminology = n.terminology
            and d.code = n.code
    left join {{ incoming('reference', 'clinical_map') }} as m
        on
            d.terminology = m.terminology
            and d.code = m.source_code
    where c.scheme is not null
)

select
    scheme,
    case_number,
    terminology,
    position,
    code,
    is_known
from read
where terminology = 'diagnosis'

union all

select
    scheme,
    case_number,
    terminology,
    row_number() over (
        partition by case_number
        order by position asc nulls last
    ) as position,
    code,
    is_known
from read
where terminology = 'procedure'
