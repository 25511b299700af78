-- Grain: month, scope, code, role.
-- Who of a team has which share in a month, as policy says it: of an item, of a class of items, of operations of a
-- level.
select
    m.month,
    r.scope,
    r.code,
    r.role,
    cast(r.share as decimal(18, 6)) as share,
    r.when_absent
from {{ ref('dim_month') }} as m
inner join {{ incoming('policy', 'point_role') }} as r
    on {{ in_force('r', 'm.last_day') }}
