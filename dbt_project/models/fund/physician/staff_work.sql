-- Grain: event_key, role.
-- Who earns what of an event; the roles of an event have all of it. What is not paid says why.
with member as (
    {%- for role, events in staff_roles().items() %}
    select
        event_key,
        team_key,
        '{{ role }}' as role,
        {{ role }}_staff_id as staff_id,
        month,
        institution_id,
        {{ 'ordering_department_code' if role == 'ordering' else 'department_code' }} as department_code,
        event_kind,
        event_date,
        code,
        rule_id,
        units,
        event_millionths,
        is_gate_passed,
        is_counted_as_visit,
        source_feed,
        source_batch_id,
        source_file,
        source_line
    from {{ ref('staff_event_point') }}
    where {{ events }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

known as (
    select distinct staff_id
    from {{ ref('dim_staff_month') }}
),

judged as (
    select
        m.*,
        s.share_numerator,
        s.share_denominator,
        s.millionths,
        case
            when not m.is_gate_passed then 'gate_not_passed'
            when m.is_counted_as_visit then 'counted_as_visit'
            when m.staff_id is null then 'nobody_named'
            when k.staff_id is null then 'unknown_staff'
            when m.institution_id is null then 'no_institution'
        end as not_counted_because
    from member as m
    inner join {{ ref('staff_share') }} as s
        on
            m.team_key = s.team_key
            and m.role = s.role
    left join known as k
        on m.staff_id = k.staff_id
)

select
    event_key,
    role,
    month,
    institution_id,
    department_code,
    staff_id,
    event_kind,
    event_date,
    code,
    rule_id,
    units,
    {{ from_millionths('event_millionths') }} as event_points,
    share_numerator,
    share_denominator,
    {{ from_millionths('millionths') }} as points,
    not_counted_because is null as is_counted,
    not_counted_because,
    source_feed,
    source_batch_id,
    source_file,
    source_line
from judged
