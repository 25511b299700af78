"""Small counties, made once for all tests of the simulator, and readers of what they deliver."""

import csv
import io
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from dbfread import DBF
from python_calamine import CalamineWorkbook

from sources.mappings.load import load_mapping
from sources.mappings.mapping import Mapping
from sources.mappings.plan import plan_of
from sources.simulator import simulate
from sources.simulator.ground.layout import DEMO, load_layout
from sources.simulator.ground.styles import STYLES, Style
from tests.sharing import once

RESIDENTS, MONTHS = 2_000, 2
LAYOUT = load_layout(DEMO)


@dataclass(frozen=True)
class County:
    """A simulated county folder with readers for its parts."""

    folder: Path

    def truth(self, name: str) -> list[dict[str, str]]:
        with (self.folder / "truth" / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def policy(self, name: str) -> list[dict[str, str]]:
        with (self.folder / "policy" / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def style(self, file: str) -> Style:
        if file.endswith("control.csv"):
            return Style()
        return STYLES[LAYOUT.mapping_of[file.split("/")[0]]]

    @cache  # noqa: B019 (two counties live as long as the session)
    def lines(self, file: str) -> tuple[str, ...]:
        """Physical lines of a text file, line ends off; the first one is the header."""
        data = (self.folder / "inbox" / file).read_bytes()
        style = self.style(file)
        try:
            text = data.decode(style.encoding)
        except UnicodeDecodeError:
            text = data.decode("gb18030")
        return tuple(text.removesuffix(style.newline).split(style.newline))

    def rows(self, file: str, sheet: str | None = None) -> list[dict[str, str]]:
        """Rows of a text file or of a workbook's sheet, as text by header. Ragged lines give short rows."""
        if sheet is not None:
            cells = (
                CalamineWorkbook.from_path(self.folder / "inbox" / file).get_sheet_by_name(sheet).to_python()
            )
            header, *body = cells
            return [dict(zip(header, map(str, line), strict=True)) for line in body]
        if not self.has_header(file):
            return self._records(file)
        lines = self.lines(file)
        return list(csv.DictReader(io.StringIO("\n".join(lines)), delimiter=self.style(file).delimiter))

    @staticmethod
    def has_header(file: str) -> bool:
        """True where the first line names the columns; elsewhere rows count from 1."""
        return not file.startswith("database/") and not file.endswith((".parquet", ".jsonl", ".dbf"))

    def _records(self, file: str) -> list[dict[str, str]]:
        if file.startswith("database/"):
            return self._table(*file.split("/")[1:])
        path = self.folder / "inbox" / file
        if file.endswith(".parquet"):
            return pq.read_table(path).to_pylist()
        if file.endswith(".dbf"):
            return [dict(record) for record in DBF(path)]
        names = mapping(LAYOUT.mapping_of[file.split("/")[0]])
        known = next(
            f for f in names.feeds if names.feeds[f].file.split("/")[-1].split("_{")[0] == path.name[:-13]
        )
        headers = plan_of(names, known).used_headers
        lines = path.read_text(encoding="utf-8").splitlines()
        return [{**dict.fromkeys(headers), **json.loads(line)} for line in lines]

    def _table(self, deliverer: str, table: str) -> list[dict[str, str]]:
        """All months of a table, in the order of delivery; `stat_month` tells them apart."""
        with closing(sqlite3.connect(self.folder / "databases" / f"{deliverer}.sqlite")) as connection:
            found = connection.execute(f"select * from {table} order by row_id")
            names = [column[0] for column in found.description]
            return [
                {n: None if v is None else str(v) for n, v in zip(names, row, strict=True)} for row in found
            ]

    def told(self, deliverer: str, feed: str, month: str) -> list[dict[str, str]]:
        """Rows of a delimited file by contract column, the vendor's codes and spellings as they are."""
        plan = plan_of(mapping(LAYOUT.mapping_of[deliverer]), feed)
        name = plan.feed_mapping.file.replace("{institution}", deliverer).replace("{month}", month)
        rows = self.rows(name.replace("{yyyymm}", month.replace("-", "")).replace("*", ""))
        return [{c: row[source.from_[0]] for c, source in plan.columns.items()} for row in rows]


@cache
def mapping(name: str) -> Mapping:
    """A mapping of the demo county."""
    return load_mapping(DEMO / "mappings" / f"{name}.yml", name)[0].mapping


@pytest.fixture(scope="session")
def clean(tmp_path_factory) -> County:
    """Nothing goes wrong."""
    return _county(tmp_path_factory, "none")


@pytest.fixture(scope="session")
def spoilt(tmp_path_factory) -> County:
    """Everything that can go wrong does."""
    return _county(tmp_path_factory, "default")


def _county(factory: pytest.TempPathFactory, defects: str) -> County:
    name = f"simulated_{defects}"
    return County(once(factory, name, lambda folder: simulate(folder, RESIDENTS, MONTHS, defects=defects)))
