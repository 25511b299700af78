-- Grain: deliverer_id, settlement_id, rule_id.
-- Codes that the insurance edition does not know, or only by what they were read as; the first of a list is shown.
select
    d.deliverer_id,
    d.settlement_id,
    case
        when d.code_map_status = '3' then 'diagnosis_unknown'
        when d.code_method in ('padded', 'parent', 'approximate') then 'diagnosis_incomplete'
        else 'diagnosis_of_other_edition'
    end as rule_id,
    min(d.diagnosis_code) as found
from {{ ref('fct_settlement_list_diagnosis') }} as d
inner join {{ ref('settlement_list_checked') }} as l
    on
        d.deliverer_id = l.deliverer_id
        and d.settlement_id = l.settlement_id
where
    coalesce(d.diagnosis_type, '') <> '3'
    and (d.code_map_status = '3' or d.code_method in ('padded', 'parent', 'approximate', 'clinical_map'))
group by
    d.deliverer_id,
    d.settlement_id,
    case
        when d.code_map_status = '3' then 'diagnosis_unknown'
        when d.code_method in ('padded', 'parent', 'approximate') then 'diagnosis_incomplete'
        else 'diagnosis_of_other_edition'
    end

union all

select
    d.deliverer_id,
    d.settlement_id,
    'procedure_unknown' as rule_id,
    min(d.procedure_code) as found
from {{ ref('fct_settlement_list_procedure') }} as d
inner join {{ ref('settlement_list_checked') }} as l
    on
        d.deliverer_id = l.deliverer_id
        and d.settlement_id = l.settlement_id
where d.code_map_status = '3'
group by
    d.deliverer_id,
    d.settlement_id

union all

{{ broken_list_rules({
    'principal_diagnosis_groups_nowhere': [
        "not_grouped_because in ('principal_diagnosis_in_no_mdc', 'principal_diagnosis_unknown')",
        'principal_diagnosis_code'
    ],
}) }}
