"""Tables that people filled in, in one folder of the county: `.csv` and `.xlsx`, every cell as the text people see.

Here: finding and opening the files, their heading, what is wrong with either. Not here: what the cells mean (code_maps,
decisions), files that members deliver (connectors).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from sources.base.yamlfile import Problem


@dataclass(frozen=True)
class FilledRow:
    """One row: its texts by column, and where it stands."""

    values: dict[str, str]
    file: str
    row: int

    def problem(self, zh: str, en: str) -> Problem:
        return Problem(self.file, self.row, zh, en)


def filled_rows(
    folder: Path, sheet: str, columns: Mapping[str, str], problems: list[Problem]
) -> Iterator[FilledRow]:
    """Rows of every table in `folder`, by file and line. `columns` are {name: heading in Chinese}, either is understood.

    What cannot be read is added to `problems`; a file that lacks a column gives no rows.
    """
    for path in sorted(folder.glob("*")):
        if path.name.startswith(("~$", ".")):
            continue
        name = f"{folder.name}/{path.name}"
        found = _table(path, sheet)
        if isinstance(found, tuple):
            problems.append(Problem(name, 0, *found))
        else:
            place = f"{name}[{sheet}]" if path.suffix.lower() == ".xlsx" else name
            yield from _rows(found, place, columns, problems)


def _table(path: Path, sheet: str) -> list[list[str]] | tuple[str, str]:
    """The cells of a file as text, heading first; or why there are none, in Chinese and English."""
    suffix = path.suffix.lower()
    try:
        if suffix == ".csv":
            return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
        if suffix == ".xlsx":
            cells = CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            return [[_text(cell) for cell in row] for row in cells]
    except UnicodeDecodeError:
        return "请另存为 UTF-8 编码的 CSV", "save it as CSV in UTF-8"
    except (CalamineError, OSError) as error:
        why = type(error).__name__
        return (
            f"打不开工作簿,或没有工作表“{sheet}”({why})",
            f"the workbook cannot be opened or has no sheet {sheet!r} ({why})",
        )
    return "只读 .xlsx 和 .csv", "only .xlsx and .csv are read"


def _text(cell: object) -> str:
    """A cell as people see it: whole numbers without a point, dates as YYYY-MM-DD."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat()[:10] if isinstance(cell, date) else str(cell)


def _rows(
    table: list[list[str]], place: str, columns: Mapping[str, str], problems: list[Problem]
) -> Iterator[FilledRow]:
    known = {zh: column for column, zh in columns.items()} | {column: column for column in columns}
    heading = [known.get(cell.strip()) for cell in table[0]] if table else []
    missing = [f"{zh} ({column})" for column, zh in columns.items() if column not in heading]
    if missing:
        zh, en = f"缺少列:{'、'.join(missing)}", f"columns are missing: {', '.join(missing)}"
        problems.append(Problem(place, 1, zh, en))
        return
    for number, cells in enumerate(table[1:], start=2):
        values = {column: cell.strip() for column, cell in zip(heading, cells, strict=False) if column}
        yield FilledRow(values, place, number)
