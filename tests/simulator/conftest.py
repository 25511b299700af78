"""Small counties, made once for all tests of the simulator, and readers of what they deliver."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from sources.simulator import simulate
from sources.simulator.layout import DEMO, load_layout
from sources.simulator.styles import STYLES, Style

RESIDENTS, MONTHS = 2_000, 2


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
        return STYLES[load_layout(DEMO).mapping_of[file.split("/")[0]]]

    def lines(self, file: str) -> list[str]:
        """Physical lines of a text file, line ends off; the first one is the header."""
        data = (self.folder / "inbox" / file).read_bytes()
        style = self.style(file)
        try:
            text = data.decode(style.encoding)
        except UnicodeDecodeError:
            text = data.decode("gb18030")
        return text.removesuffix(style.newline).split(style.newline)

    def rows(self, file: str, sheet: str | None = None) -> list[dict[str, str]]:
        """Rows of a text file or of a workbook's sheet, as text by header. Ragged lines give short rows."""
        if sheet is not None:
            cells = (
                CalamineWorkbook.from_path(self.folder / "inbox" / file).get_sheet_by_name(sheet).to_python()
            )
            header, *body = cells
            return [dict(zip(header, map(str, line), strict=True)) for line in body]
        lines = self.lines(file)
        return list(csv.DictReader(io.StringIO("\n".join(lines)), delimiter=self.style(file).delimiter))


@pytest.fixture(scope="session")
def clean(tmp_path_factory) -> County:
    """Nothing goes wrong."""
    return County(simulate(tmp_path_factory.mktemp("clean") / "county", RESIDENTS, MONTHS, defects="none"))


@pytest.fixture(scope="session")
def spoilt(tmp_path_factory) -> County:
    """Everything that can go wrong does."""
    return County(
        simulate(tmp_path_factory.mktemp("spoilt") / "county", RESIDENTS, MONTHS, defects="default")
    )
