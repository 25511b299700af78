"""What a scan finds in one sheet before it is read: cells that the reader of workbooks would show as empty or otherwise.

Here: errors, merged areas, number formats that belong to a key, and the refusals common to all kinds. Not here: the scans.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sources.base.refusal import RefusedError

# (row, column), from 1.
Place = tuple[int, int]
# First and last cell as (row, column), from 0.
Area = tuple[tuple[int, int], tuple[int, int]]
# What a cell shows is more than its digits: the signs of its format (formats.template).
Signs = tuple[str, ...]


@dataclass
class SheetScan:
    """`texts` stand in a cell in place of what the reader says: errors as Excel writes them (#N/A), numbers as shown.

    Formats are kept by column in runs of rows: a column of keys has one.
    """

    texts: dict[Place, str] = field(default_factory=dict)
    merged: list[Area] = field(default_factory=list)
    _formats: dict[int, list[tuple[int, int, Signs]]] = field(default_factory=dict)

    def add_format(self, row: int, column: int, signs: Signs) -> None:
        """Note the format of a cell; rows come in order."""
        runs = self._formats.setdefault(column, [])
        if runs and runs[-1][2] == signs and runs[-1][1] in (row - 1, row):
            runs[-1] = (runs[-1][0], row, signs)
        else:
            runs.append((row, row, signs))

    @property
    def columns(self) -> dict[int, Iterator[tuple[int, int, Signs]]]:
        """Runs of formats by column."""
        return {column: iter(runs) for column, runs in self._formats.items()}

    def by_row(self) -> dict[int, list[tuple[int, str]]]:
        """{row: (column, text) of what stands there instead}."""
        found: dict[int, list[tuple[int, str]]] = {}
        for (row, column), text in self.texts.items():
            found.setdefault(row, []).append((column, text))
        return found


class Formats:
    """Formats of a sheet, asked for row by row."""

    def __init__(self, found: SheetScan) -> None:
        self._runs = found.columns
        self._now = {column: next(runs) for column, runs in self._runs.items()}

    def of_row(self, row: int) -> Iterator[tuple[int, Signs]]:
        """(column, format) of the cells of a row; rows are asked for in order."""
        for column in list(self._now):
            while self._now[column][1] < row:
                following = next(self._runs[column], None)
                if following is None:
                    del self._now[column]
                    break
                self._now[column] = following
            if column in self._now and self._now[column][0] <= row:
                yield column, self._now[column][2]


def lost_formula(place: str) -> RefusedError:
    """The refusal of a formula that nobody has calculated."""
    return RefusedError(
        "FORMULA_WITHOUT_VALUE",
        f"{place} 格是公式,但文件里没有算好的值;请在 Excel 或 WPS 中打开、重新计算并另存,或粘贴为数值后报送",
        f"cell {place} is a formula without its calculated value: open the file in Excel, recalculate and save it, or paste "
        "values",
    )


def unreadable() -> RefusedError:
    """The refusal of a workbook that cannot be opened."""
    return RefusedError(
        "WORKBOOK_UNREADABLE",
        "工作簿无法打开:文件不完整、已加密或不是 Excel 文件,请去掉密码后重新另存为 xlsx",
        "the workbook cannot be opened: incomplete, encrypted or not Excel; save it anew as xlsx without a password",
    )


def too_large_sheet(rows: int, columns: int, limit: int) -> RefusedError:
    """The refusal of a sheet whose rectangle is too large."""
    return RefusedError(
        "SHEET_TOO_LARGE",
        f"工作表有 {rows} 行 {columns} 列,超过 {limit:,} 格(设置 max_sheet_cells),可能在很远处误留了一格;请删除多余的行列后另存",
        f"the sheet has {rows} rows and {columns} columns, more than {limit:,} cells (setting max_sheet_cells): a stray "
        "cell far away? Delete surplus rows and columns and save it anew",
    )
