-- Grain: case_number, terminology, position.
-- Western diagnoses and the procedures of each list. The diagnosis marked as principal comes first, whatever its
-- number; where none is marked position 1 stays empty. Chinese diagnoses group nothing. A translation counts only where
-- it means the same.
with listed as (
    select
        deliverer_id,
        settlement_id,
        'diagnosis' as terminology,
        diagnosis_number as place,
        diagnosis_type = '1' or is_principal as is_first,
        diagnosis_code as code,
        case when code_map_status = '1' then normalised_diagnosis_code end as translated_code,
        code_method = 'county_map' as is_decided
    from {{ ref('fct_settlement_list_diagnosis') }}
    where diagnosis_type in ('1', '2')

    union all

    select
        deliverer_id,
        settlement_id,
        'procedure' as terminology,
        procedure_number as place,
        is_principal as is_first,
        procedure_code as code,
        case when code_map_status = '1' then normalised_procedure_code end as translated_code,
        code_method = 'county_map' as is_decided
    from {{ ref('fct_settlement_list_procedure') }}
),

ordered as (
    select
        *,
        row_number() over (
            partition by deliverer_id, settlement_id, terminology
            order by
                case when is_first then 0 else 1 end asc nulls last,
                place asc nulls last
        ) as number,
        max(case when is_first then 1 else 0 end) over (
            partition by deliverer_id, settlement_id, terminology
        ) = 1 as has_first
    from listed
)

select
    c.case_number,
    o.terminology,
    case when o.terminology = 'procedure' or o.has_first then o.number else o.number + 1 end as position,
    o.code,
    o.translated_code,
    coalesce(o.is_decided, false) as is_decided
from ordered as o
inner join {{ ref('casemix_case') }} as c
    on
        o.deliverer_id = c.deliverer_id
        and o.settlement_id = c.settlement_id
