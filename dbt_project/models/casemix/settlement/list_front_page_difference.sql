-- Grain: deliverer_id, settlement_id, aspect, code.
-- What the list of a stay says otherwise than its front page: principal diagnosis, procedures (a row for each that only
-- one of the two has) and cost. Codes are compared in the insurance edition, cost by all lists of the stay. REQ-153.
with stay as (
    select
        institution_id,
        insurance_visit_id,
        min(visit_id) as visit_id
    from {{ ref('fct_inpatient_stay') }}
    where insurance_visit_id is not null
    group by
        institution_id,
        insurance_visit_id
    having count(*) = 1
),

page as (
    select
        institution_id,
        visit_id,
        min(total_fen) as total_fen
    from {{ ref('fct_inpatient_front_page') }}
    where visit_id is not null
    group by
        institution_id,
        visit_id
    having count(*) = 1
),

paired as (
    select
        c.*,
        p.visit_id,
        p.total_fen as page_fen
    from {{ ref('settlement_case') }} as c
    left join stay as s
        on
            c.institution_id = s.institution_id
            and c.insurance_visit_id = s.insurance_visit_id
    left join page as p
        on
            s.institution_id = p.institution_id
            and s.visit_id = p.visit_id
    where
        c.care_kind = 'inpatient'
        and c.has_list
),

list_principal as (
    select
        deliverer_id,
        settlement_id,
        min(coalesce(normalised_diagnosis_code, diagnosis_code)) as code
    from {{ ref('fct_settlement_list_diagnosis') }}
    where
        is_principal
        and coalesce(diagnosis_type, '') <> '3'
    group by
        deliverer_id,
        settlement_id
),

page_principal as (
    select
        institution_id,
        visit_id,
        min(coalesce(normalised_diagnosis_code, nhsa_diagnosis_code, diagnosis_code)) as code
    from {{ ref('fct_inpatient_diagnosis') }}
    where is_principal
    group by
        institution_id,
        visit_id
),

-- Lists of all parts of a stay belong to its page.
list_procedure as (
    select distinct
        p.deliverer_id,
        p.settlement_id,
        coalesce(o.normalised_procedure_code, o.procedure_code) as code
    from paired as p
    inner join {{ ref('fct_settlement_list') }} as l
        on
            p.deliverer_id = l.deliverer_id
            and p.insurance_visit_id = l.insurance_visit_id
    inner join {{ ref('fct_settlement_list_procedure') }} as o
        on
            l.deliverer_id = o.deliverer_id
            and l.settlement_id = o.settlement_id
    where p.visit_id is not null
),

page_procedure as (
    select distinct
        p.deliverer_id,
        p.settlement_id,
        coalesce(o.normalised_procedure_code, o.nhsa_procedure_code, o.procedure_code) as code
    from paired as p
    inner join {{ ref('fct_inpatient_procedure') }} as o
        on
            p.institution_id = o.institution_id
            and p.visit_id = o.visit_id
),

procedure as (
    select
        deliverer_id,
        settlement_id,
        code,
        max(on_list) as on_list,
        max(on_page) as on_page
    from (
        select
            deliverer_id,
            settlement_id,
            code,
            1 as on_list,
            0 as on_page
        from list_procedure

        union all

        select
            deliverer_id,
            settlement_id,
            code,
            0 as on_list,
            1 as on_page
        from page_procedure
    ) as either
    group by
        deliverer_id,
        settlement_id,
        code
),

difference as (
    select
        deliverer_id,
        settlement_id,
        'no_front_page' as aspect,
        '' as code,
        cast(null as string) as list_says,
        cast(null as string) as page_says,
        cast(null as bigint) as difference_fen
    from paired
    where visit_id is null

    union all

    select
        p.deliverer_id,
        p.settlement_id,
        'principal_diagnosis' as aspect,
        '' as code,
        l.code as list_says,
        g.code as page_says,
        cast(null as bigint) as difference_fen
    from paired as p
    left join list_principal as l
        on
            p.deliverer_id = l.deliverer_id
            and p.settlement_id = l.settlement_id
    left join page_principal as g
        on
            p.institution_id = g.institution_id
            and p.visit_id = g.visit_id
    where
        p.visit_id is not null
        and coalesce(l.code, '') <> coalesce(g.code, '')

    union all

    select
        deliverer_id,
        settlement_id,
        'procedure' as aspect,
        code,
        case when on_list = 1 then code end as list_says,
        case when on_page = 1 then code end as page_says,
        cast(null as bigint) as difference_fen
    from procedure
    where on_list <> on_page

    union all

    select
        deliverer_id,
        settlement_id,
        'cost' as aspect,
        '' as code,
        cast(total_fen as string) as list_says,
        cast(page_fen as string) as page_says,
        total_fen - page_fen as difference_fen
    from paired
    where page_fen <> total_fen
)

select
    d.*,
    p.institution_id,
    p.month,
    p.event_date,
    p.source_batch_id,
    p.source_file,
    p.source_line
from difference as d
inner join paired as p
    on
        d.deliverer_id = p.deliverer_id
        and d.settlement_id = p.settlement_id
