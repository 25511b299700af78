{# Who a local key belongs to. A key the person index does not know stands for a person of its own: coalesce with it. #}
{% macro known_person(key_type, key) -%}
left join {{ incoming('pipeline', 'person_index') }} as p
    on
        p.key_type = '{{ key_type }}'
        and {{ key }} = p.local_key
{%- endmacro %}

{# Every time somebody was seen in primary care: visits there and follow-ups, person_key and event_date. #}
{% macro seen_in_primary_care() -%}
    select
        v.person_key,
        v.event_date
    from {{ ref('fct_outpatient_visit') }} as v
    inner join {{ ref('dim_institution') }} as i
        on v.institution_id = i.institution_id
    where
        v.is_valid
        and i.is_primary_care

    union all

    select
        person_key,
        event_date
    from {{ ref('fct_followup') }}

    union all

    select
        person_key,
        event_date
    from {{ ref('fct_followup_diabetes') }}
{%- endmacro %}

{# Age by tens of years, 80 and more together; -1 where no year of birth is known. #}
{% macro decade_of_age(year, birth_year) -%}
    case
            when {{ birth_year }} is null then -1
            when {{ year }} - {{ birth_year }} >= 80 then 8
            else {{ integer_divide(year ~ ' - ' ~ birth_year, '10') }}
        end
{%- endmacro %}
