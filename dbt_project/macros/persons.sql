{# Who a local key belongs to. A key the person index does not know stands for a person of its own: coalesce with it. #}
{% macro known_person(key_type, key) -%}
left join {{ incoming('pipeline', 'person_index') }} as p
    on
        p.key_type = '{{ key_type }}'
        and {{ key }} = p.local_key
{%- endmacro %}
