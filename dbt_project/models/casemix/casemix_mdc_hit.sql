-- Grain: case_number, mdc.
-- Major diagnostic categories whose entry condition the case fulfils, in the order in which they are tried.
select
    scheme,
    case_number,
    mdc,
    min(place) as place,
    min(decided_by) as decided_by
from ({{ alternatives_held('mdc') }}) as held
group by
    scheme,
    case_number,
    mdc
