{# Insurance: what kind of care was settled, which settlement a row belongs to, which medical community answers for the person. #}

{# Inpatient or outpatient, of an NHSA category of care: those beginning with 2 are stays. #}
{% macro care_kind(medical_type) -%}
    case when substr({{ medical_type }}, 1, 1) = '2' then 'inpatient' else 'outpatient' end
{%- endmacro %}

{# Settlements that a refund took back. #}
{% macro refunded_settlements() -%}
select distinct
        deliverer_id,
        original_settlement_id as settlement_id
    from {{ ref('fct_settlement') }}
    where settlement_count < 0
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

{# s: the settlement that the rows `rows` name. #}
{% macro named_settlement(rows) -%}
left join {{ ref('fct_settlement') }} as s
    on
        {{ rows }}.deliverer_id = s.deliverer_id
        and {{ rows }}.setl_id = s.settlement_id
{%- endmacro %}

{#
  s and l: the settlement that the rows `rows` name and its list, which alone tells test patients. To be used with
  of_the_settlement: the rows themselves have neither time nor institution nor person.
#}
{% macro settlement_and_list(rows) -%}
{{ named_settlement(rows) }}
left join {{ ref('fct_settlement_list') }} as l
    on
        {{ rows }}.deliverer_id = l.deliverer_id
        and {{ rows }}.setl_id = l.settlement_id
{%- endmacro %}

{# Where, when and whose the settlement was. To be used with settlement_and_list. #}
{% macro of_the_settlement() -%}
    s.institution_id,
    s.month,
    s.event_date,
    s.person_key,
    coalesce(l.is_test_patient, false) as is_test_patient
{%- endmacro %}
