-- Grain: event_key.
-- What an event earns in all, before it is shared: the rule of its code, else of its kind; of an item without a
-- rule the points of the catalogue. A gate that waits for what happens later moves the points to the month in which
-- it can be judged.
with rule as (
    select
        m.month,
        r.rule_id,
        r.event_kind,
        r.code,
        r.unit,
        cast(r.points as decimal(18, 6)) as points,
        r.quality_gate,
        r.gate_days
    from {{ ref('dim_month') }} as m
    inner join {{ incoming('policy', 'point_rule') }} as r
        on {{ in_force('r', 'm.last_day') }}
),

matched as (
    select
        e.*,
        {{ month_of('e.event_date') }} as event_month,
        coalesce(o.rule_id, a.rule_id, case when e.points is not null then 'cfg_fee_point' end) as rule_id,
        coalesce(o.unit, a.unit, 'event') as unit,
        coalesce(o.points, a.points, e.points) as unit_points,
        case when o.rule_id is not null then o.quality_gate else a.quality_gate end as quality_gate,
        coalesce(case when o.rule_id is not null then o.gate_days else a.gate_days end, 0) as gate_days
    from {{ ref('staff_event') }} as e
    left join rule as o
        on
            {{ month_of('e.event_date') }} = o.month
            and e.event_kind = o.event_kind
            and e.code = o.code
    left join rule as a
        on
            {{ month_of('e.event_date') }} = a.month
            and e.event_kind = a.event_kind
            and a.code = '*'
),

-- Work that a visit of the same person at the same place and day already counts is not counted as help given there
-- too.
seen_there as (
    select distinct
        'dispatch' as event_kind,
        institution_id,
        physician_staff_id,
        event_date
    from {{ ref('staff_event') }}
    where event_kind = 'visit'
),

judged as (
    select
        e.*,
        e.event_date + cast(e.gate_days as integer) as judged_on,
        cast(case e.unit when 'hour' then e.hours when 'person' then e.persons else e.quantity end as decimal(12, 4))
            as units,
        v.institution_id is not null as is_counted_as_visit,
        {{ gate_passed('e', 'e.quality_gate', 'e.gate_days') }} as is_gate_passed
    from matched as e
    left join seen_there as v
        on
            e.event_kind = v.event_kind
            and e.institution_id = v.institution_id
            and e.physician_staff_id = v.physician_staff_id
            and e.event_date = v.event_date
    where e.rule_id is not null
),

measured as (
    select
        *,
        {{ millionths('round(cast(unit_points as decimal(20, 6)) * units, 6)') }} as event_millionths
    from judged
)

select
    j.event_key,
    -- What decides how the points are shared: events alike in it are shared alike.
    j.event_month
    {%- for column in ['event_kind', 'code', 'item_code', 'item_class', 'role_split'] %}
    || '|' || coalesce(j.{{ column }}, '')
    {%- endfor %}
    || '|' || cast(j.event_millionths as string)
    || '|'
    {%- for role in staff_roles() %}
    || case when j.{{ role }}_staff_id is null then '0' else '1' end
    {%- endfor %} as team_key,
    j.event_kind,
    m.month,
    j.event_month,
    j.institution_id,
    j.department_code,
    j.ordering_department_code,
    j.event_date,
    j.code,
    j.item_code,
    j.item_class,
    j.role_split,
    j.rule_id,
    j.units,
    j.event_millionths,
    j.is_gate_passed,
    j.is_counted_as_visit,
    {%- for role in staff_roles() %}
    j.{{ role }}_staff_id,
    {%- endfor %}
    j.source_feed,
    j.source_batch_id,
    j.source_file,
    j.source_line
from measured as j
inner join {{ ref('dim_month') }} as m
    on {{ month_of('j.judged_on') }} = m.month
-- Hours or people that nobody wrote down are no measure of anything.
where
    j.units is not null
    and j.unit_points is not null
