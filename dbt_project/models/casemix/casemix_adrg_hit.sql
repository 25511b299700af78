-- Grain: case_number, adrg, alternative.
-- ADRGs whose condition the case fulfils, in the MDCs that it may enter; the first of them is its own.
select
    scheme,
    case_number,
    mdc,
    owner as adrg,
    alternative,
    place,
    decided_by
from ({{ alternatives_held('adrg') }}) as held
