{# Diagnosis and procedure codes: cleaning, the editions they are written in, and the join that translates them in a fact. #}

{#
  A code as the reference tables write it: half-width, no blanks, capital letters but a lower-case x, a plus for the
  dagger, the dot where it belongs, nothing after the last character that counts.
#}
{% macro clean_code(terminology, code) -%}
    {%- set wide = '０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ．。·＋†＊' -%}
    {%- set narrow = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz...++*' -%}
    {%- set plain = "trim(trailing '.+' from upper(translate(" ~ code ~ ", '" ~ wide ~ " 　', '" ~ narrow ~ "')))" -%}
    {%- set lead = "case when " ~ terminology ~ " = 'procedure' then 2 else 3 end" -%}
    {%- set body = "substr(" ~ plain ~ ", 2)" -%}
    case
        when
            length({{ plain }}) > {{ lead }}
            and substr({{ plain }}, {{ lead }} + 1, 1) in ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'X')
            and try_cast(substr({{ plain }}, 2, {{ lead }} - 1) as integer) is not null
            then
                substr({{ plain }}, 1, 1)
                || substr({{ plain }}, 2, {{ lead }} - 1)
                || '.'
                || replace(substr({{ plain }}, {{ lead }} + 1), 'X', 'x')
        else substr({{ plain }}, 1, 1) || replace({{ body }}, 'X', 'x')
    end
{%- endmacro %}

{#
  The edition a code is written in, from what the row, the mapping or the contract declares (GLB2.0, YB, GB, BJ …). ICD-10
  of diagnoses and ICD-9-CM-3 of procedures say no more than nothing does; any other word declares codes nobody can read.
#}
{% macro code_system(edition, terminology) -%}
    case
        when upper({{ edition }}) like 'GLB%' or {{ edition }} like '%国临%' then 'clinical'
        when upper({{ edition }}) like 'YB%' or {{ edition }} like '%医保%' then 'nhsa'
        when upper({{ edition }}) like 'GB%' or {{ edition }} like '%国标%' then 'national'
        when upper({{ edition }}) like 'BJ%' or {{ edition }} like '%北京%' then 'beijing'
        when {{ edition }} = '' then 'unknown'
        when {{ terminology }} = 'diagnosis' and upper({{ edition }}) like 'ICD%10%' then 'unknown'
        when {{ terminology }} = 'procedure' and upper({{ edition }}) like 'ICD%9%CM%3%' then 'unknown'
        else 'other'
    end
{%- endmacro %}

{#
  The columns by which a fact tells, beside the code as delivered, what it was translated to, how, and by which version.
  To be used with translate_code under the same names. `prefix` names the column: diagnosis, procedure.
#}
{% macro translated_code(prefix, translation='t', county='c') -%}
    coalesce({{ county }}.target_code, {{ translation }}.target_code) as normalised_{{ prefix }}_code,
    {{ code_outcome(translation, county) }},
    coalesce({{ county }}.map_version, {{ translation }}.map_version) as code_map_version
{%- endmacro %}

{# How a code was translated, and whether it means the same: method and status of translate_code. #}
{% macro code_outcome(translation='t', county='c') -%}
    case when {{ county }}.target_code is not null then 'county_map' else {{ translation }}.method end as code_method,
    case when {{ county }}.target_code is not null then '1' else {{ translation }}.map_status end as code_map_status
{%- endmacro %}

{# The two joins that translate a code: the national reading, and what the county decided for the day of the event. #}
{% macro translate_code(feed, terminology, deliverer, code, day, version="''", translation='t', county='c') -%}
left join {{ ref('code_translation') }} as {{ translation }}
    on
        {{ translation }}.feed = '{{ feed }}'
        and {{ translation }}.terminology = '{{ terminology }}'
        and {{ deliverer }} = {{ translation }}.deliverer_id
        and {{ version }} = {{ translation }}.code_version
        and {{ code }} = {{ translation }}.source_code
{{ county_code('\'' ~ terminology ~ '\'', deliverer, code, day, county) }}
{%- endmacro %}

{# What the county decided for a code on a day. #}
{% macro county_code(terminology, deliverer, code, day, county='c') -%}
left join {{ ref('code_county_map') }} as {{ county }}
    on
        {{ terminology }} = {{ county }}.terminology
        and {{ deliverer }} = {{ county }}.deliverer_id
        and {{ code }} = {{ county }}.source_code
        and {{ day }} >= {{ county }}.effective_from
        and {{ day }} <= {{ county }}.effective_to
{%- endmacro %}

{#
  The category of the disease a code stands for: its own where the national tables know it, else that of what it was translated
  to; null for a local code that nobody has mapped. To be used with known_category, and with translate_code where `translated`.
#}
{% macro disease_category(translated=true) -%}
    {%- if translated -%}
    coalesce(g.category, {{ icd_category('coalesce(c.target_code, t.target_code)') }})
    {%- else -%}
    g.category
    {%- endif %}
{%- endmacro %}

{# The join that knows the category of a code. #}
{% macro known_category(code) -%}
left join {{ ref('code_category') }} as g
    on {{ icd_category(code) }} = g.category
{%- endmacro %}

{#
  The codes of the insurance edition 2.0 that facts can carry: what delivered codes are read as, and what the county maps them to.
#}
{% macro codes_of_facts(terminology) -%}
select target_code as code
    from {{ ref('code_translation') }}
    where
        terminology = '{{ terminology }}'
        and target_code is not null
    union distinct
    select target_code as code
    from {{ ref('code_county_map') }}
    where terminology = '{{ terminology }}'
{%- endmacro %}

{# Which list an item of a fee line belongs to: western, Chinese and patent medicine are drugs, 08 is material. #}
{% macro item_terminology(item_type) -%}
    case
        when {{ item_type }} in ('09', '10', '11') then 'drug'
        when {{ item_type }} = '08' then 'consumable'
        else 'service_item'
    end
{%- endmacro %}

{#
  The insurance code of a drug, service or consumable: what the county decided, else what was delivered beside it, else what
  the insurer booked it under. To be used with insurance_code and county_code under the same names.
#}
{% macro translated_item(delivered, county='c', insurance='b') -%}
    coalesce({{ county }}.target_code, {{ delivered }}, {{ insurance }}.target_code) as normalised_item_code,
    case
        when {{ county }}.target_code is not null then 'county_map'
        when {{ delivered }} is not null then 'delivered'
        when {{ insurance }}.target_code is not null then 'insurance_return'
        else 'unmapped'
    end as code_method,
    {{ county }}.map_version as code_map_version
{%- endmacro %}

{# What the insurer booked an item of an institution under. #}
{% macro insurance_code(institution, code, insurance='b') -%}
left join {{ ref('code_insurance_map') }} as {{ insurance }}
    on
        {{ institution }} = {{ insurance }}.institution_id
        and {{ code }} = {{ insurance }}.source_code
{%- endmacro %}

{# Short, of letters, digits and code signs only, and no number as long as a telephone's or an identity card's. #}
{% macro looks_like_a_code(code) -%}
    (
        length({{ code }}) <= 50
        and length(translate(upper({{ code }}), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+*/_-', '')) = 0
        and not (
            length({{ code }}) in (11, 15, 17, 18)
            and try_cast(substr({{ code }}, 1, 11) as bigint) is not null
        )
    )
{%- endmacro %}
