"""The county centre's list of institutions, with what they were before: renamed, moved to another community, merged away.

The periods that still hold are those of county.yml, in its order; earlier ones follow them. Not here: what stands in an
institution (facilities, departments).
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from sources.simulator.ground.frames import Frame, platform_frame
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.text import identifier, join, pick

_FIRST, _OPEN = "2021-01-01", "9999-12-31"
# Last day under the old name, of the old community, before the merger; and the day after.
_RENAMED = ("2022-06-30", "2022-07-01")
_MOVED = ("2023-12-31", "2024-01-01")
_MERGED = "2022-12-31"
_BEDS = {"county_lead": 420, "county": 260, "township": 40, "community": 20, "village": 0}
_INDEPENDENT, _ENTRUSTED, _BRANCH = "2", "3", "4"


@dataclass(frozen=True)
class _Period:
    """What the list says of an institution from one day to another; `place` is its number in the layout, or of what took it in."""

    place: int
    code: str
    name: str
    parent: int
    alliance: str
    legal_form: str
    valid_from: str = _FIRST
    valid_to: str = _OPEN


def institution_frame(layout: Layout) -> Frame:
    """his_org."""
    rows = _periods(layout)
    place = np.array([row.place for row in rows])
    columns = {
        "org_code": pa.array([row.code for row in rows]),
        "org_local_code": identifier("", place + 1, 2),
        "uscc": join(identifier("12340699MB", place, 7), "X"),
        "org_name": pa.array([row.name for row in rows]),
        "org_level": pick(layout.levels, place),
        "hosp_grade": pick(["09", "05"], layout.is_county[place]),
        "lead_flag": pick(["0", "1"], layout.is_county[place]),
        "parent_org_code": pick(layout.codes, np.array([row.parent for row in rows])),
        "alliance_id": pa.array([row.alliance for row in rows]),
        "legal_entity_type": pa.array([row.legal_form for row in rows]),
        "tightness": "1",
        "urban_rural": pick(layout.urban_rural, place),
        "admin_div": layout.region,
        "longitude": identifier("116.", 700_000 + place * 7_919 % 90_000, 6),
        "latitude": identifier("33.", 850_000 + place * 6_151 % 90_000, 6),
        "approved_beds": np.array([_BEDS[tier] for tier in layout.tiers[place]]),
        "valid_from": np.array([row.valid_from for row in rows], "datetime64[D]"),
        "valid_to": np.array([row.valid_to for row in rows], "datetime64[D]"),
    }
    return platform_frame("his_org", len(rows), columns)


def _periods(layout: Layout) -> list[_Period]:
    """Every institution as it is, and what three of them were: a township hospital with another name, one that another
    community's hospital was entrusted with, villages included, and one that a township hospital took in.
    """
    codes = layout.code_list()
    now = [
        _Period(
            place=place,
            code=codes[place],
            name=layout.names[place],
            parent=int(layout.parent[place]),
            alliance=layout.alliances[place],
            legal_form=_BRANCH if layout.is_village[place] else _INDEPENDENT,
        )
        for place in range(layout.size)
    ]
    renamed, moved = int(layout.primary[0]), _moved(layout)
    before = [
        replace(now[renamed], name=now[renamed].name.replace("卫生院", "中心卫生院"), valid_to=_RENAMED[0])
    ]
    now[renamed] = replace(now[renamed], valid_from=_RENAMED[1])
    if moved is not None:
        lead = int(layout.county[0])
        for place in (moved, *layout.villages_of(moved).tolist()):
            was = replace(now[place], alliance=layout.alliances[lead], valid_to=_MOVED[0])
            if place == moved:
                was = replace(was, parent=lead, legal_form=_ENTRUSTED)
            before.append(was)
            now[place] = replace(now[place], valid_from=_MOVED[1])
    taken_in = replace(
        now[renamed],
        code=f"H{layout.region}00199",
        name="城北卫生院",
        valid_from=_FIRST,
        valid_to=_MERGED,
    )
    return [*now, *before, taken_in]


def _moved(layout: Layout) -> int | None:
    """The township hospital that was another community's: the first outside the lead's; none where there is one community."""
    own = layout.alliances[layout.county[0]]
    others = (int(place) for place in layout.primary if layout.alliances[place] != own)
    return next(others, None)
