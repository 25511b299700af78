-- Grain: team_key, role.
-- How the points of events alike are shared. The shares of the roles are those of the item, else the catalogue's (if
-- they add up to the whole), else those of its class. A class without shares earns nothing (beds), whatever shares an
-- item of it has. What the roles have adds up to what the event earns, to the millionth of a point. Of a role nobody is
-- named for, policy says whether the others share it or it stays nobody's.
with team as (
    select distinct
        team_key,
        event_month,
        event_kind,
        code,
        item_code,
        item_class,
        role_split,
        {%- for role in staff_roles() %}
        {{ role }}_staff_id is not null as is_{{ role }}_named,
        {%- endfor %}
        event_millionths
    from {{ ref('staff_event_point') }}
),

team_role as (
    {%- for role, events in staff_roles().items() %}
    select
        team_key,
        event_month,
        event_kind,
        code,
        item_code,
        item_class,
        event_millionths,
        '{{ role }}' as role,
        is_{{ role }}_named as is_named,
        try_cast({{ json_text('role_split', role) }} as decimal(9, 6)) as catalogue_share
    from team
    where {{ events }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

found as (
    select
        e.*,
        i.share as item_share,
        k.share as class_share,
        o.share as level_share,
        a.share as any_level_share,
        coalesce(i.when_absent, k.when_absent, o.when_absent, a.when_absent, 'nobody') as when_absent,
        count(i.share) over (partition by e.team_key) > 0 as has_item_shares,
        count(k.share) over (partition by e.team_key) > 0 as has_class_shares,
        count(o.share) over (partition by e.team_key) > 0 as has_level_shares,
        sum(e.catalogue_share) over (partition by e.team_key) as catalogue_total
    from team_role as e
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
        team_key,
        role,
        is_named,
        when_absent,
        event_millionths,
        case
            when event_kind = 'service_item' and not has_class_shares then null
            when event_kind = 'service_item' and has_item_shares then item_share
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
        team_key,
        role,
        event_millionths,
        {{ millionths('share') }} as weight
    from shared
    where
        share > 0
        and (is_named or when_absent = 'nobody')
),

split as (
    {{ split_exactly('member', ['team_key'], ['role'], 'event_millionths', 'weight') }}
)

select
    team_key,
    role,
    weight as share_numerator,
    cast(split_weight as bigint) as share_denominator,
    amount_fen as millionths
from split
