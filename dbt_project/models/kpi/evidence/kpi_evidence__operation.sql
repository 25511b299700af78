-- KPI-037, 079, 085 and, on the first operation of a stay, 078 and 084: operations of discharged inpatients in the
-- month of the discharge. Diagnostic and other procedures that the list of policy names are no operations.
with operation as (
    select
        s.deliverer_id,
        s.visit_id,
        s.month,
        s.institution_id,
        s.department_code,
        s.staff_id,
        s.person_key,
        s.event_date,
        o.procedure_number,
        o.procedure_level,
        o.incision_code,
        coalesce(o.minimally_invasive_flag = '1', false) as is_minimally_invasive,
        o.complication_flag,
        o.source_batch_id,
        o.source_file,
        o.source_line
    from {{ ref('fct_inpatient_procedure') }} as o
    inner join {{ ref('fct_inpatient_stay') }} as s
        on
            o.deliverer_id = s.deliverer_id
            and o.institution_id = s.institution_id
            and o.visit_id = s.visit_id
    inner join {{ ref('policy_parameter') }} as p
        on s.month = p.month
    left join {{ ref('policy_code') }} as n
        on
            s.month = n.month
            and n.code_set = 'procedure_not_operation'
            and coalesce(o.normalised_procedure_code, o.procedure_code) like n.code || '%'
    where
        s.is_valid
        and n.code is null
),

in_order as (
    select
        *,
        row_number() over (
            partition by deliverer_id, institution_id, visit_id
            order by
                procedure_number asc nulls last,
                source_batch_id asc nulls last,
                source_line asc nulls last
        ) as operation_number,
        max(case when complication_flag = '1' then 1 else 0 end) over (
            partition by deliverer_id, institution_id, visit_id
        ) as is_complicated
    from operation
)

select
    o.month,
    o.institution_id,
    o.department_code,
    o.staff_id,
    o.person_key,
    o.event_date,
    1 as operations,
    case when l.code is not null then 1 else 0 end as high_level_operations,
    case when o.is_minimally_invasive then 1 else 0 end as minimally_invasive_operations,
    case when c.code is not null then 1 end as clean_operations,
    case when c.code is not null then (case when x.code is not null then 1 else 0 end) end
        as infected_clean_operations,
    case when o.operation_number = 1 then 1 end as operated_stays,
    case when o.operation_number = 1 then o.is_complicated end as complicated_stays,
    'his_mr_oper' as source_feed,
    o.source_batch_id,
    o.source_file,
    o.source_line
from in_order as o
left join {{ ref('policy_code') }} as l
    on
        o.month = l.month
        and l.code_set = 'high_operation_level'
        and o.procedure_level = l.code
left join {{ ref('policy_code') }} as c
    on
        o.month = c.month
        and c.code_set = 'clean_incision'
        and o.incision_code = c.code
left join {{ ref('policy_code') }} as x
    on
        o.month = x.month
        and x.code_set = 'infected_incision'
        and o.incision_code = x.code
