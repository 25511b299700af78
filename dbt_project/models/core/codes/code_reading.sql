{#
  How the national tables read a code. Candidates are tried in this order, the first that the tables know wins:

  1 the code itself          exact, or clinical_map when the clinical edition's map translates it
  2 the code padded          I63.9 → I63.900, 88.41 → 88.4100, I10 → I10.x00, a lost asterisk
  3 the unspecified code     J18 → J18.900
  4 the only code below it   there is exactly one
  5 the code it extends      I10.x00x999 → I10.x00, A17.000+G01* → A17.000, I63.977 → I63.900

  Codes of an edition that was declared and is none of these (ICD-9 …) are read by no table: what they mean is not guessed.
  Several codes below a short one are told in `candidates`; the base code stands for them (2 and 3), never one at random.
  Status 1 = the same meaning, 2 = nearest known, 3 = none. Editions without a map (GB, BJ) are never more than 2.
#}
with wanted as (
    select distinct
        terminology,
        code_system,
        source_code,
        {{ clean_code('terminology', 'source_code') }} as clean_code
    from {{ ref('code_source') }}
),

below as (
    select
        terminology,
        stem,
        count(*) as codes,
        min(code) as only_code
    from (
        select
            terminology,
            code,
            substr(code, 1, 3) as stem
        from {{ incoming('reference', 'nhsa_code') }}
        where terminology = 'diagnosis'
        union all
        select
            terminology,
            code,
            substr(code, 1, 4) as stem
        from {{ incoming('reference', 'nhsa_code') }}
        where terminology = 'procedure'
        union all
        select
            terminology,
            code,
            substr(code, 1, 5) as stem
        from {{ incoming('reference', 'nhsa_code') }}
    ) as stems
    group by
        terminology,
        stem
),

stated as (
    select
        w.terminology,
        w.code_system,
        w.source_code,
        w.clean_code,
        length(w.clean_code) as characters,
        position('+' in w.clean_code) as dagger,
        b.codes,
        case when b.codes = 1 then b.only_code end as only_code
    from wanted as w
    left join below as b
        on
            w.terminology = b.terminology
            and w.clean_code = b.stem
),

readable as (
    select *
    from stated
    where code_system <> 'other'
),

tried as (
    select
        *,
        1 as step,
        clean_code as candidate
    from readable
    union all
    select
        *,
        2 as step,
        case
            when dagger > 0 then clean_code || '*'
            when characters = 5 then clean_code || '00'
            when characters = 6 then clean_code || '0'
            when terminology = 'diagnosis' and characters = 3 then clean_code || '.x00'
            when terminology = 'procedure' and characters = 4 then clean_code || 'x00'
        end as candidate
    from readable
    union all
    select
        *,
        3 as step,
        case when terminology = 'diagnosis' and characters = 3 then clean_code || '.900' end as candidate
    from readable
    union all
    select
        *,
        4 as step,
        only_code as candidate
    from readable
    union all
    select
        *,
        5 as step,
        case when dagger > 1 then substr(clean_code, 1, dagger - 1) end as candidate
    from readable
    union all
    select
        *,
        6 as step,
        case when characters > 7 then substr(clean_code, 1, 7) end as candidate
    from readable
    union all
    select
        *,
        7 as step,
        case when characters >= 7 then substr(clean_code, 1, 5) || '00' end as candidate
    from readable
    union all
    select
        *,
        8 as step,
        case
            when characters >= 5 and terminology = 'diagnosis' then substr(clean_code, 1, 3) || '.x00'
            when characters >= 5 then substr(clean_code, 1, 4) || 'x00'
        end as candidate
    from readable
),

known as (
    select
        t.terminology,
        t.code_system,
        t.source_code,
        t.step,
        m.target_code is not null and (t.code_system = 'clinical' or n.code is null) as by_map,
        case
            when t.code_system = 'clinical' then coalesce(m.target_code, n.code)
            else coalesce(n.code, m.target_code)
        end as target_code,
        n.code is not null and m.target_code is not null and n.code <> m.target_code as means_two,
        row_number() over (
            partition by t.terminology, t.code_system, t.source_code
            order by t.step asc nulls last
        ) as preference
    from tried as t
    left join {{ incoming('reference', 'nhsa_code') }} as n
        on
            t.terminology = n.terminology
            and t.candidate = n.code
    left join {{ incoming('reference', 'clinical_map') }} as m
        on
            t.terminology = m.terminology
            and t.candidate = m.source_code
    where n.code is not null or m.target_code is not null
),

versions as (
    select
        max(case when table_name = 'clinical_map' then version end) as clinical_map,
        max(case when table_name = 'nhsa_code' then version end) as nhsa_code
    from {{ incoming('reference', 'reference_version') }}
),

chosen as (
    select
        s.terminology,
        s.code_system,
        s.source_code,
        s.clean_code,
        s.codes,
        k.step,
        k.target_code,
        k.by_map,
        coalesce(k.means_two and s.code_system not in ('clinical', 'nhsa'), false) as means_two,
        s.code_system in ('national', 'beijing') as has_no_map,
        coalesce(k.step = 1 and (
            (s.code_system = 'clinical' and not k.by_map)
            or (s.code_system = 'nhsa' and k.by_map)
        ), false) as other_edition
    from stated as s
    left join known as k
        on
            s.terminology = k.terminology
            and s.code_system = k.code_system
            and s.source_code = k.source_code
            and k.preference = 1
)

select
    c.terminology,
    c.code_system,
    c.source_code,
    c.clean_code,
    c.target_code,
    case
        when c.target_code is null then 'unmapped'
        when c.step >= 5 then 'parent'
        when c.has_no_map or c.step in (3, 4) then 'approximate'
        when c.step = 2 then 'padded'
        when c.by_map then 'clinical_map'
        else 'exact'
    end as method,
    case
        when c.target_code is null then '3'
        when c.step >= 3 or c.has_no_map or c.means_two or c.other_edition then '2'
        when c.step = 2 and c.terminology = 'diagnosis' and c.code_system = 'unknown' then '2'
        else '1'
    end as map_status,
    case
        when c.target_code is null then 0
        when c.means_two then 2
        when c.step in (2, 3) then coalesce(c.codes, 1)
        else 1
    end as candidates,
    c.means_two or c.other_edition as needs_review,
    case
        when c.target_code is not null and c.by_map then 'clinical_map ' || v.clinical_map
        when c.target_code is not null then 'nhsa_code ' || v.nhsa_code
    end as map_version,
    n.name_zh as target_name
from chosen as c
cross join versions as v
left join {{ incoming('reference', 'nhsa_code') }} as n
    on
        c.terminology = n.terminology
        and c.target_code = n.code
