-- Grain: event_key, role.
-- Who earns what of an event. The shares of the roles are those of the item, else the catalogue's (if they add up
-- to the whole), else those of its class; a class without shares earns nothing (beds, drugs). What the roles have
-- adds up to what the event earns, to the millionth of a point. Of a role nobody is named for, policy says whether
-- the others share it or it stays nobody's. What is not paid says why.
with event_role as (
    {%- for role, events in staff_roles().items() %}
    select
        event_key,
        event_month,
        event_kind,
        code,
        item_code,
        item_class,
        '{{ role }}' as role,
        {{ role }}_staff_id as staff_id,
        {{ json_number('role_split', role) }} as catalogue_share
    from {{ ref('staff_event_point') }}
    where {{ events }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

found as (
    select
        e.*,
        i.share as item_share,
        k.share as class_share,
        coalesce(i.when_absent, k.when_absent, o.when_absent, a.when_absent, 'nobody') as when_absent,
        count(i.share) over (partition by e.event_key) > 0 as has_item_shares,
        count(k.share) over (partition by e.event_key) > 0 as has_class_shares,
        count(o.share) over (partition by e.event_key) > 0 as has_level_shares,
        a.share as any_level_share,
        o.share as level_share,
        sum(e.catalogue_share) over (partition by e.event_key) as catalogue_total
    from event_role as e
    left join {{ ref('point_share') }} as i
        on
            e.event_month = i.month
            and i.scope = 'item'
            and e.item_code = i.code
            and e.role = i.role
    left join {{ ref('point_share') }} as k
        on
            e.event_month = k.month
            and k.scope = 'item_class'
            and e.item_class = k.code
            and e.role = k.role
    left join {{ ref('point_share') }} as o
        on
            e.event_month = o.month
            and e.event_kind = o.scope
            and e.code = o.code
            and e.role = o.role
    left join {{ ref('point_share') }} as a
        on
            e.event_month = a.month
            and e.event_kind = a.scope
            and a.code = '*'
            and e.role = a.role
),

shared as (
    select
        event_key,
        role,
        staff_id,
        when_absent,
        case
            when event_kind = 'service_item' and has_item_shares then item_share
            when event_kind = 'service_item' and not has_class_shares then null
            when event_kind = 'service_item' and catalogue_total = 100 then catalogue_share
            when event_kind = 'service_item' then class_share
            when event_kind = 'operation' and has_level_shares then level_share
            when event_kind = 'operation' then any_level_share
            else 1
        end as share
    from found
),

member as (
    select
        s.event_key,
        s.role,
        s.staff_id,
        {{ millionths('s.share') }} as weight,
        e.event_millionths
    from shared as s
    inner join {{ ref('staff_event_point') }} as e
        on s.event_key = e.event_key
    where
        s.share > 0
        and (s.staff_id is not null or s.when_absent = 'nobody')
),

split as (
    {{ split_exactly('member', ['event_key'], ['role'], 'event_millionths', 'weight') }}
),

known as (
    select distinct staff_id
    from {{ ref('dim_staff_month') }}
),

judged as (
    select
        s.event_key,
        s.role,
        s.staff_id,
        s.weight,
        s.split_weight,
        s.amount_fen as millionths,
        case
            when not e.is_gate_passed then 'gate_not_passed'
            when e.is_counted_as_visit then 'counted_as_visit'
            when s.staff_id is null then 'nobody_named'
            when k.staff_id is null then 'unknown_staff'
            when e.institution_id is null then 'no_institution'
        end as not_counted_because
    from split as s
    inner join {{ ref('staff_event_point') }} as e
        on s.event_key = e.event_key
    left join known as k
        on s.staff_id = k.staff_id
)

select
    j.event_key,
    j.role,
    e.month,
    e.institution_id,
    case when j.role = 'ordering' then e.ordering_department_code else e.department_code end as department_code,
    j.staff_id,
    e.event_kind,
    e.event_date,
    e.code,
    e.rule_id,
    e.units,
    {{ from_millionths('e.event_millionths') }} as event_points,
    j.weight as share_numerator,
    cast(j.split_weight as bigint) as share_denominator,
    {{ from_millionths('j.millionths') }} as points,
    j.not_counted_because is null as is_counted,
    j.not_counted_because,
    e.source_feed,
    e.source_batch_id,
    e.source_file,
    e.source_line
from judged as j
inner join {{ ref('staff_event_point') }} as e
    on j.event_key = e.event_key
