{# Insurance: what kind of care was settled, and which medical community answers for the insured person. #}

{# Inpatient or outpatient, of an NHSA category of care: those beginning with 2 are stays. #}
{% macro care_kind(medical_type) -%}
    case when substr({{ medical_type }}, 1, 1) = '2' then 'inpatient' else 'outpatient' end
{%- endmacro %}

{# h.alliance_id: the community of the insured person of the rows `rows` in their month. #}
{% macro community_of_insured(rows) -%}
left join (
    select
        insurance_key,
        month,
        max(alliance_id) as alliance_id
    from {{ ref('fct_insured_month') }}
    group by
        insurance_key,
        month
) as h
    on
        {{ rows }}.insurance_key = h.insurance_key
        and {{ rows }}.month = h.month
{%- endmacro %}
