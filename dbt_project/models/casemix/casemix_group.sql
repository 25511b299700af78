-- Grain: case_id.
-- The group of every case, or why it has none, and what decided. A case belongs to the first ADRG that holds; among the
-- groups of an ADRG to that of major complications, to that of any, to the last.
with first_place as (
    select
        case_number,
        min(place) as place
    from {{ ref('casemix_adrg_hit') }}
    group by case_number
),

adrg as (
    select
        h.scheme,
        h.case_number,
        h.mdc,
        h.adrg,
        h.alternative,
        h.decided_by
    from {{ ref('casemix_adrg_hit') }} as h
    inner join first_place as f
        on
            h.case_number = f.case_number
            and h.place = f.place
),

principal as (
    select
        p.scheme,
        p.case_number,
        p.code,
        p.is_known,
        e.exclusion_group
    from {{ ref('casemix_code') }} as p
    left join {{ incoming('casemix', 'exclusion') }} as e
        on
            p.scheme = e.scheme
            and p.code = e.code
    where
        p.terminology = 'diagnosis'
        and p.position = 1
),

-- A complication of the group that the principal diagnosis excludes does not count.
complication as (
    select
        c.case_number,
        min(case when x.level = 'MCC' then c.code end) as mcc_code,
        min(case when x.level = 'CC' then c.code end) as cc_code
    from {{ ref('casemix_code') }} as c
    inner join {{ incoming('casemix', 'complication') }} as x
        on
            c.scheme = x.scheme
            and c.code = x.code
    left join principal as p
        on c.case_number = p.case_number
    where
        c.terminology = 'diagnosis'
        and c.position > 1
        and coalesce(x.exclusion_group <> p.exclusion_group, true)
    group by c.case_number
),

severity as (
    select
        a.scheme,
        a.case_number,
        a.mdc,
        a.adrg,
        a.alternative,
        a.decided_by as adrg_decided_by,
        g.kind,
        case
            when x.mcc_code is not null and g.mcc_drg is not null then 'mcc'
            when coalesce(x.mcc_code, x.cc_code) is not null and g.mcc_or_cc_drg is not null then 'mcc_or_cc'
            when g.otherwise_drg is not null then 'otherwise'
            else 'unsplit'
        end as severity_rule,
        g.mcc_drg,
        g.mcc_or_cc_drg,
        g.otherwise_drg,
        g.unsplit_drg,
        coalesce(x.mcc_code, x.cc_code) as complication_code
    from adrg as a
    inner join {{ incoming('casemix', 'adrg') }} as g
        on
            a.scheme = g.scheme
            and a.adrg = g.adrg
    left join complication as x
        on a.case_number = x.case_number
),

grouped as (
    select
        s.scheme,
        s.case_number,
        s.mdc,
        s.adrg,
        s.alternative,
        s.kind,
        s.severity_rule,
        case s.severity_rule
            when 'mcc' then s.mcc_drg
            when 'mcc_or_cc' then s.mcc_or_cc_drg
            when 'otherwise' then s.otherwise_drg
            else s.unsplit_drg
        end as drg,
        case when s.severity_rule in ('mcc', 'mcc_or_cc') then s.complication_code end as complication_code,
        m.decided_by || '; ' || s.adrg || '/' || cast(s.alternative as string) || ' ' || s.adrg_decided_by as decided_by
    from severity as s
    inner join {{ ref('casemix_mdc_hit') }} as m
        on
            s.case_number = m.case_number
            and s.mdc = m.mdc
),

-- What else the MDCs ask whose lists have the principal diagnosis of a case without a group.
asked as (
    select
        p.case_number,
        max(case when o.role = 'sex' then 1 else 0 end) = 1 as asks_sex,
        max(case when o.role like 'age%' then 1 else 0 end) = 1 as asks_age
    from principal as p
    left join adrg as a
        on p.case_number = a.case_number
    inner join {{ incoming('casemix', 'list') }} as l
        on
            p.scheme = l.scheme
            and p.code = l.code
    inner join {{ incoming('casemix', 'clause') }} as k
        on
            l.scheme = k.scheme
            and l.list_id = k.list_id
    inner join {{ incoming('casemix', 'clause') }} as o
        on k.alternative_id = o.alternative_id
    where
        a.case_number is null
        and l.terminology = 'diagnosis'
        and k.level = 'mdc'
        and k.role = 'principal_diagnosis'
    group by p.case_number
),

-- Whether an MDC is entered by a diagnosis (a valid operation alone opens the first one to everybody), and what its
-- groups ask.
entrance as (
    select
        scheme,
        mdc,
        max(case when level = 'mdc' and role = 'principal_diagnosis' then 1 else 0 end) as by_diagnosis,
        max(case when level = 'adrg' and role = 'birth_weight_g' then 1 else 0 end) as weighs_newborns,
        max(case when level = 'adrg' and role = 'age_days' then 1 else 0 end) as counts_days
    from {{ incoming('casemix', 'clause') }}
    group by
        scheme,
        mdc
),

entered as (
    select
        h.case_number,
        max(e.weighs_newborns) = 1 as weighs_newborns,
        max(e.counts_days) = 1 as counts_days
    from {{ ref('casemix_mdc_hit') }} as h
    inner join entrance as e
        on
            h.scheme = e.scheme
            and h.mdc = e.mdc
    left join adrg as a
        on h.case_number = a.case_number
    where
        a.case_number is null
        and e.by_diagnosis = 1
    group by h.case_number
),

stated as (
    select
        c.case_id,
        c.case_number,
        c.scheme,
        c.sex,
        c.age_years,
        c.age_days,
        {{ newborn_without_weight('c') }} as is_newborn_without_weight,
        case
            when c.refused_because is not null then c.refused_because
            when c.scheme is null then 'no_scheme_in_force'
            when s.newborn_without_weight = 'rejected' and {{ newborn_without_weight('c') }}
                then 'newborn_without_weight'
        end as rejected_because
    from {{ ref('casemix_case') }} as c
    left join {{ incoming('casemix', 'scheme') }} as s
        on c.scheme = s.scheme
),

-- A case that is sent back has no group.
accepted as (
    select g.*
    from grouped as g
    inner join stated as c
        on g.case_number = c.case_number
    where c.rejected_because is null
)

select
    c.case_id,
    c.scheme,
    case
        when c.rejected_because is not null then 'rejected'
        when g.kind = 'ambiguous' then 'ambiguous'
        when g.drg is not null then 'grouped'
        else 'ungroupable'
    end as status,
    case
        when c.rejected_because is not null then c.rejected_because
        when g.kind = 'ambiguous' then 'operation_does_not_fit_diagnosis'
        when g.drg is not null then null
        when p.code is null then 'no_principal_diagnosis'
        when e.weighs_newborns and c.is_newborn_without_weight then 'newborn_without_weight'
        when e.counts_days and c.age_years = 0 and c.age_days is null then 'age_unknown'
        when e.case_number is not null then 'no_group_in_mdc'
        when a.asks_sex and coalesce(c.sex not in (1, 2), true) then 'sex_unknown'
        when a.asks_sex then 'sex_does_not_fit'
        when a.asks_age and c.age_years is null then 'age_unknown'
        when a.asks_age then 'age_does_not_fit'
        when p.is_known then 'principal_diagnosis_in_no_mdc'
        else 'principal_diagnosis_unknown'
    end as reason,
    coalesce(g.mdc, '0000') as mdc,
    coalesce(g.adrg, '00') as adrg,
    coalesce(g.drg, '0000') as drg,
    d.name_zh as drg_name,
    d.weight,
    g.kind,
    g.severity_rule,
    g.complication_code,
    g.decided_by || coalesce('; ' || g.severity_rule || ' ' || g.complication_code, '') as decided_by
from stated as c
left join accepted as g
    on c.case_number = g.case_number
left join {{ incoming('casemix', 'drg') }} as d
    on
        g.scheme = d.scheme
        and g.drg = d.drg
left join principal as p
    on c.case_number = p.case_number
left join asked as a
    on c.case_number = a.case_number
left join entered as e
    on c.case_number = e.case_number
