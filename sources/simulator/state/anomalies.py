"""Which institution is behind which injected anomaly (feed specification, §3), and the truth about it.

The rows of an anomaly are rows like others: they are made where such rows are made (stays, follow-ups, referrals …), the
indicators count them, and each leaves a mark on its frame that becomes a line of truth/anomaly.csv.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from sources.contracts.load import load_contracts
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame
from sources.simulator.ground.layout import Layout

COLUMNS = ("anomaly_id", "kind", "institution_id", "month", "feed", "keys", "description")

KINDS = (
    "分解住院",
    "低码高编",
    "虚假随访",
    "死亡后随访",
    "重复收费",
    "虚假签约",
    "年末突击",
    "乒乓转诊",
    "床位扩张",
    "满意度同设备",
)


def culprits(layout: Layout, defects: bool) -> dict[str, int]:
    """Kind of anomaly → index of the institution, -1 where nothing goes wrong. What only a hospital can do, one does."""
    if not defects:
        return dict.fromkeys(KINDS, -1)
    county, primary = layout.county, layout.primary

    def at(places: np.ndarray, number: int) -> int:
        return int(places[number % len(places)])

    return {
        "分解住院": at(county, 1), "低码高编": at(county, 0), "虚假随访": at(primary, 0), "死亡后随访": at(primary, 1),
        "重复收费": at(county, 1), "虚假签约": at(primary, 2), "年末突击": at(primary, 3), "乒乓转诊": at(primary, 4),
        "床位扩张": at(county, 1), "满意度同设备": at(primary, 5),
    }  # fmt: skip


def anomaly_rows(month: CalendarMonth, frame: Frame, codes: list[str]) -> Iterator[tuple]:
    """Rows of truth/anomaly.csv but for their number: kind, institution, month, feed, key of the row, description."""
    key = load_contracts()[frame.feed].key
    for mark in frame.marks:
        columns = [frame.column(name) for name in key]
        for row, place in zip(mark.rows, mark.institution, strict=True):
            keys = ";".join(f"{name}={_text(column, row)}" for name, column in zip(key, columns, strict=True))
            yield mark.kind, codes[int(place)], month.name, frame.feed, keys, mark.description


def _text(column: Any, row: int) -> str:
    value = column[int(row)]
    return str(value.as_py() if hasattr(value, "as_py") else value)
