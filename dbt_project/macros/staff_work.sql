{# Events of people's work: one shape for all kinds, and what only they need. #}

{% macro staff_event_columns() -%}
    {{ return({
        'deliverer_id': 'string', 'event_id': 'string', 'institution_id': 'string', 'department_code': 'string',
        'ordering_department_code': 'string',
        'person_key': 'string', 'event_date': 'date', 'code': 'string', 'item_code': 'string', 'item_class': 'string',
        'quantity': 'decimal(12, 4)', 'hours': 'decimal(12, 4)', 'persons': 'decimal(12, 4)', 'points': 'decimal(18, 6)',
        'role_split': 'string', 'is_done': 'boolean', 'is_measured': 'boolean', 'is_answered': 'boolean',
        'is_arrived': 'boolean', 'days_to_return': 'bigint', 'days_to_followup': 'bigint', 'is_reported': 'boolean',
        'is_proven': 'boolean', 'ordering_staff_id': 'string', 'executing_staff_id': 'string',
        'surgeon_staff_id': 'string', 'first_assistant_staff_id': 'string', 'second_assistant_staff_id': 'string',
        'anaesthetist_staff_id': 'string', 'physician_staff_id': 'string', 'source_feed': 'string',
        'source_batch_id': 'string', 'source_file': 'string', 'source_line': 'bigint'
    }) }}
{%- endmacro %}

{# The roles of which an event can name a person, and of which events. #}
{% macro staff_roles() -%}
    {{ return({
        'ordering': "event_kind = 'service_item'", 'executing': "event_kind = 'service_item'",
        'surgeon': "event_kind = 'operation'", 'first_assistant': "event_kind = 'operation'",
        'second_assistant': "event_kind = 'operation'", 'anaesthetist': "event_kind = 'operation'",
        'physician': "event_kind not in ('service_item', 'operation')"
    }) }}
{%- endmacro %}

{# Select list of one kind of event: what is given, null for the rest. Alias of what carries the source: `x`. #}
{% macro staff_event(event_kind, given, feed) -%}
    '{{ event_kind }}' as event_kind
    {%- for column, kind in staff_event_columns().items() %},
    {% if column == 'source_feed' -%}
    '{{ feed }}' as source_feed
    {%- elif column.startswith('source_') -%}
    x.{{ column }}
    {%- else -%}
    cast({{ given.get(column, 'null') }} as {{ kind }}) as {{ column }}
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{# Whether an event (alias of staff_event) has passed the gate that a rule names; days: how long the gate waits. #}
{% macro gate_passed(event, gate, days) -%}
    coalesce(
            case {{ gate }}
                when 'done' then {{ event }}.is_done
                when 'measured' then {{ event }}.is_measured
                when 'answered' then {{ event }}.is_answered
                when 'no_bounce_back' then {{ event }}.is_arrived and coalesce({{ event }}.days_to_return > {{ days }}, true)
                when 'followed_up' then {{ event }}.days_to_followup <= {{ days }}
                when 'no_bounce_back_and_followed_up'
                    then
                        {{ event }}.is_arrived
                        and coalesce({{ event }}.days_to_return > {{ days }}, true)
                        and {{ event }}.days_to_followup <= {{ days }}
                when 'reported' then {{ event }}.is_reported
                when 'proven' then {{ event }}.is_proven
                else true
            end, false
        )
{%- endmacro %}

{# What a JSON object has under a plain key, as text; null where there is none. #}
{% macro json_text(text, key) -%}
    {{ return(adapter.dispatch('json_text')(text, key)) }}
{%- endmacro %}

{% macro default__json_text(text, key) -%}
    {{ return("json_extract_string(" ~ text ~ ", '$." ~ key ~ "')") }}
{%- endmacro %}

{% macro spark__json_text(text, key) -%}
    {{ return("get_json_object(" ~ text ~ ", '$." ~ key ~ "')") }}
{%- endmacro %}

{# Parts of capability, and of a part's rule one column by name. #}
{% macro capability_parts() -%}
    {{ return(['volume', 'difficulty', 'quality', 'judgement', 'peer_judgement']) }}
{%- endmacro %}
