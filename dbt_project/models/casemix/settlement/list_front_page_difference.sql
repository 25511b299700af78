-- Grain: deliverer_id, settlement_id, aspect, code.
-- What the list of a stay says otherwise than its front page: principal diagnosis, procedures (a row for each that only
-- one of the two has) and cost. Codes are compared in the insurance edition, cost by the lists of all parts of a stay,
-- if all have one. Where two stays bear one number, or a stay has two pages, none is told from the other. REQ-153.
with stay as (
    select
        institution_id,
        insurance_visit_id,
        case when count(*) = 1 then min(visit_id) end as visit_id,
        count(*) as stays
    from {{ ref('fct_inpatient_stay') }}
    where insurance_visit_id is not null
    group by
        institution_id,
        insurance_visit_id
),

page as (
    select
        institution_id,
        visit_id,
        min(total_fen) as total_fen,
        count(*) as pages
    from {{ ref('fct_inpatient_front_page') }}
    where visit_id is not null
    group by
        institution_id,
        visit_id
),

paired as (
    select
        c.*,
        case when p.pages = 1 then p.visit_id end as visit_id,
        case when p.pages = 1 then p.total_fen end as page_fen,
        coalesce(s.stays > 1, false) or coalesce(p.pages > 1, false) as is_ambiguous
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

list_part as (
    select
        p.case_id,
        p.deliverer_id,
        p.settlement_id,
        p.visit_id,
        r.settlement_id as part_settlement_id,
        l.total_fen
    from paired as p
    inner join {{ ref('settlement_part') }} as r
        on p.case_id = r.case_id
    left join {{ ref('fct_settlement_list') }} as l
        on
            r.deliverer_id = l.deliverer_id
            and r.settlement_id = l.settlement_id
),

list_cost as (
    select
        case_id,
        case when count(total_fen) = count(*) then cast(sum(total_fen) as bigint) end as list_fen
    from list_part
    group by case_id
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
    from list_part as p
    inner join {{ ref('fct_settlement_list_procedure') }} as o
        on
            p.deliverer_id = o.deliverer_id
            and p.part_settlement_id = o.settlement_id
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
        case when is_ambiguous then 'ambiguous_stay' else 'no_front_page' end as aspect,
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
        p.deliverer_id,
        p.settlement_id,
        'cost' as aspect,
        '' as code,
        cast(c.list_fen as string) as list_says,
        cast(p.page_fen as string) as page_says,
        c.list_fen - p.page_fen as difference_fen
    from paired as p
    inner join list_cost as c
        on p.case_id = c.case_id
    where p.page_fen <> c.list_fen
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
