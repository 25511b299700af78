{# Which MDCs or ADRGs a case fulfils the condition of. Conditions are rows (sources casemix.alternative and casemix.clause): an owner
   holds if all clauses of one alternative hold. Calculations of the casemix models only. #}

{#
  Alternatives of a level ('mdc', 'adrg') that hold, one row per case and alternative.

  A clause with a list holds if enough different members of the list are among the codes it looks at; only then are the other clauses of
  its alternative asked: bounds of a number, and lists of which nothing may be there. ADRGs are asked in the MDCs that hold.
#}
{% macro alternatives_held(level) -%}
with hit as (
    select
        c.case_number,
        k.alternative_id,
        k.clause,
        k.quantifier,
        k.min_count,
        c.code,
        l.counted
    from {{ ref('casemix_code') }} as c
    inner join {{ incoming('casemix', 'list') }} as l
        on
            c.scheme = l.scheme
            and c.terminology = l.terminology
            and c.code = l.code
    inner join {{ incoming('casemix', 'clause') }} as k
        on
            l.scheme = k.scheme
            and l.list_id = k.list_id
    {%- if level == 'adrg' %}
    inner join {{ ref('casemix_mdc_hit') }} as m
        on
            c.case_number = m.case_number
            and k.mdc = m.mdc
    {%- endif %}
    where
        k.level = '{{ level }}'
        and (c.position = 1 or k.role not in ('principal_diagnosis', 'principal_procedure'))
),

-- Only a few clauses want several members; counting different ones for all would be most of the work.
clause_met as (
    select
        case_number,
        alternative_id,
        clause,
        min(code) as code
    from hit
    where
        quantifier = 'any'
        and min_count = 1
    group by
        case_number,
        alternative_id,
        clause

    union all

    select
        case_number,
        alternative_id,
        clause,
        min(code) as code
    from hit
    where
        quantifier = 'any'
        and min_count > 1
    group by
        case_number,
        alternative_id,
        clause
    having count(distinct counted) >= max(min_count)
),

lists_met as (
    select
        case_number,
        alternative_id,
        count(*) as clauses_met,
        trim(leading '+' from max(case when clause = 1 then code else '' end)
        || max(case when clause = 2 then '+' || code else '' end)
        || max(case when clause = 3 then '+' || code else '' end)
        || max(case when clause > 3 then '+' || code else '' end)) as codes
    from clause_met
    group by
        case_number,
        alternative_id
),

asked as (
    select
        h.case_number,
        a.alternative_id,
        a.lists || '=' || h.codes as decided_by
    from lists_met as h
    inner join {{ incoming('casemix', 'alternative') }} as a
        on
            h.alternative_id = a.alternative_id
            and h.clauses_met = a.listed_clauses

    union all

    select
        c.case_number,
        a.alternative_id,
        '' as decided_by
    from {{ ref('casemix_mdc_hit' if level == 'adrg' else 'casemix_case') }} as c
    inner join {{ incoming('casemix', 'alternative') }} as a
        on
            c.scheme = a.scheme
            {%- if level == 'adrg' %}
            and c.mdc = a.mdc
            {%- endif %}
    where
        a.level = '{{ level }}'
        and a.listed_clauses = 0
),

refused as (
    select
        h.case_number,
        h.alternative_id
    from asked as h
    inner join {{ incoming('casemix', 'clause') }} as k
        on h.alternative_id = k.alternative_id
    inner join {{ ref('casemix_case') }} as c
        on h.case_number = c.case_number
    where
        k.list_id is null
        and not coalesce(
            {{ stated_number('k.role') }} >= coalesce(k.lower_inclusive, {{ stated_number('k.role') }})
            and {{ stated_number('k.role') }} < coalesce(k.upper_exclusive, {{ stated_number('k.role') }} + 1), false
        )

    union distinct

    select
        case_number,
        alternative_id
    from hit
    where quantifier = 'none'
)

select
    a.scheme,
    h.case_number,
    a.owner,
    a.mdc,
    a.place,
    a.alternative,
    h.decided_by
from asked as h
inner join {{ incoming('casemix', 'alternative') }} as a
    on h.alternative_id = a.alternative_id
left join refused as r
    on
        h.case_number = r.case_number
        and h.alternative_id = r.alternative_id
where r.case_number is null
{%- endmacro %}

{# The number of a case that a role asks for. #}
{% macro stated_number(role) -%}
case {{ role }}
                when 'sex' then c.sex
                when 'age_years' then c.age_years
                when 'age_days' then c.age_days
                when 'birth_weight_g' then c.birth_weight_g
            end
{%- endmacro %}

{# The name of a scheme alone: what a case was grouped by carries the county's decisions behind it, after a space. #}
{% macro scheme_name(scheme) -%}
case when position(' ' in {{ scheme }}) > 0 then substr({{ scheme }}, 1, position(' ' in {{ scheme }}) - 1) else {{ scheme }} end
{%- endmacro %}

{# A case of the first four weeks of life whose weight is not known. #}
{% macro newborn_without_weight(cases) -%}
coalesce({{ cases }}.age_years = 0 and {{ cases }}.age_days <= 28 and {{ cases }}.birth_weight_g is null, false)
{%- endmacro %}

{# DIP results of the insurer by case; place 1 is the newest of the last part of the stay that has one. #}
{% macro dip_results_of_cases() -%}
    select
        p.case_id,
        r.*,
        row_number() over (
            partition by p.case_id
            order by
                p.place_from_end asc nulls last,
                r.result_batch desc nulls last
        ) as place
    from {{ ref('fct_dip_result') }} as r
    inner join {{ ref('settlement_part') }} as p
        on
            r.deliverer_id = p.deliverer_id
            and r.settlement_id = p.settlement_id
{%- endmacro %}
