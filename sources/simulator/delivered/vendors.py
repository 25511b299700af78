"""The vendors: a mapping file, the style that goes with it, who delivers by it, and where each feed's rows are put.

Not here: writing them (outbox.py).
"""

from dataclasses import dataclass
from pathlib import Path

from sources.mappings.load import load_mapping
from sources.mappings.mapping import FeedMapping, Mapping
from sources.mappings.plan import FeedPlan, plan_of
from sources.simulator.delivered.formats import WRITERS
from sources.simulator.delivered.spelling import Spelling
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import PLATFORM
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.styles import STYLES, Style

# headers take the first line of a text or a sheet; everything else counts its rows from 1
_FIRST_LINE = {"text": 2, "sheet": 2}


@dataclass(frozen=True)
class Vendor:
    """One mapping file and the style that goes with it; `deliverers` are (institution index or PLATFORM, id)."""

    name: str
    mapping: Mapping
    style: Style
    spelling: Spelling
    deliverers: list[tuple[int, str]]

    def plan(self, feed: str) -> FeedPlan:
        return plan_of(self.mapping, feed)

    def place(self, feed: str) -> "Place":
        return Place(self.mapping.feeds[feed])


@dataclass(frozen=True)
class Place:
    """Where the rows of a feed are put: a file, a sheet of one, or a table of the vendor's own database."""

    feed_mapping: FeedMapping

    @property
    def medium(self) -> str:
        """What the rows are written into: database | sheet | text | parquet | jsonl | dbf."""
        if self.feed_mapping.is_database:
            return "database"
        suffix = self._pattern.rsplit(".", 1)[-1]
        return "sheet" if self.sheet else suffix if suffix in WRITERS else "text"

    @property
    def sheet(self) -> str:
        return self.feed_mapping.sheet or ""

    @property
    def table(self) -> str:
        return self.feed_mapping.table or ""

    @property
    def first_line(self) -> int:
        """Number of the first row, as truth/defect.csv counts."""
        return _FIRST_LINE.get(self.medium, 1)

    def file(self, deliverer: str, month: CalendarMonth) -> str:
        """Path within the inbox; for a table of a database a name that says so."""
        text = self._pattern.replace("{institution}", deliverer).replace("{month}", month.name)
        return text.replace("{yyyymm}", month.compact).replace("*", "")

    @property
    def _pattern(self) -> str:
        return self.feed_mapping.file or "database/{institution}/" + self.table


def vendors_of(county: Path, layout: Layout) -> list[Vendor]:
    """Every vendor of a county folder by name. Raises ValueError when a mapping has problems."""
    platforms = set(layout.platforms.values())
    number = {code: i for i, code in enumerate(layout.code_list())}
    vendors = []
    for name in sorted(set(layout.mapping_of.values())):
        path = county / "mappings" / f"{name}.yml"
        loaded, problems = load_mapping(path, path.name)
        if loaded is None or problems:
            raise ValueError(f"{path.name}: {problems}")
        members = [code for code, mapping in layout.mapping_of.items() if mapping == name]
        deliverers = sorted((PLATFORM if c in platforms else number[c], c) for c in members)
        vendors.append(Vendor(name, loaded.mapping, STYLES[name], Spelling(STYLES[name]), deliverers))
    return vendors
