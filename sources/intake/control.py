"""Control files: what the sender says it sent (V35), held against what arrived on admission.

Here: finding and reading the line about one delivery, and the lines that are about none. Not here: the comparison
(admission).
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path, PurePosixPath

from sources.base.refusal import RefusedError
from sources.intake.delivery import Delivery

CONTROL_FILE = "control.csv"
# A control file is a short list; a total beyond this is no amount.
_CONTROL_BYTES, _LARGEST_YUAN = 16 << 20, Decimal(10) ** 15
_CONTROL_COLUMNS = ("file", "sheet", "rows", "amount_yuan")


@dataclass(frozen=True)
class ControlTotal:
    """Rows and control money (fen, None when not stated) that the sender counted for one file or sheet."""

    rows: int
    fen: int | None


def control_total(inbox: Path, delivery: Delivery) -> ControlTotal | None:
    """The control total stated for a delivery, None when there is none. Raises RefusedError when it is unreadable."""
    found: tuple[int, ControlTotal] | None = None
    for line, record in _lines_of(inbox, delivery.institution_id, delivery.month):
        if not _speaks_of(record, delivery):
            continue
        total = _total(record, line)
        if found is not None and found[1] != total:
            raise _unreadable(line, f"与第 {found[0]} 行说的不一样", f"it contradicts line {found[0]}")
        found = found or (line, total)
    return found[1] if found else None


def totals_of_nothing(
    inbox: Path, institution: str, month: str, deliveries: Iterable[Delivery]
) -> list[tuple[int, str]]:
    """[(line, file it names)] of a month's control file that speak of none of these deliveries: of a file that was not sent,
    or is called otherwise.
    """
    there = list(deliveries)
    try:
        lines = _lines_of(inbox, institution, month)
    except RefusedError:
        return []  # every delivery of the month is refused with it
    return [
        (line, record["file"] + (f" [{record['sheet']}]" if record["sheet"] else ""))
        for line, record in lines
        if not any(_speaks_of(record, delivery) for delivery in there)
    ]


def is_control_file(name: str) -> bool:
    """Whether a path inside the inbox is a control file in its place: institution/month/control.csv, letters of any case."""
    parts = name.split("/")
    return len(parts) == 3 and parts[-1].casefold() == CONTROL_FILE


def _lines_of(inbox: Path, institution: str, month: str) -> list[tuple[int, dict[str, str]]]:
    folder = inbox / institution / month
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    found = [path for path in paths if path.name.casefold() == CONTROL_FILE and path.is_file()]
    return [each for path in found for each in _control_records(path, path.stat().st_mtime_ns)]


def _speaks_of(record: dict[str, str], delivery: Delivery) -> bool:
    """Names may be written as on the sender's machine: any case, backslashes, the folder before them or not."""
    place = f"{delivery.institution_id}/{delivery.month}/"
    names = {delivery.file, delivery.file.removeprefix(place), PurePosixPath(delivery.file).name}
    if _folded(record["file"]) not in {_folded(name) for name in names}:
        return False
    return _folded(record["sheet"]) in ("", _folded(delivery.sheet or ""))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).replace("\\", "/").removeprefix("./").casefold()


@lru_cache(maxsize=256)
def _control_records(path: Path, _: int) -> list[tuple[int, dict[str, str]]]:
    """Lines of a control file; read once while its time of change stays, for it speaks of many files."""
    try:
        with path.open("rb") as file:
            text = file.read(_CONTROL_BYTES).decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text))
        reader.fieldnames = header = [name.strip().lower() for name in reader.fieldnames or []]
        if missing := sorted(set(_CONTROL_COLUMNS) - set(header)):
            raise _unreadable(1, f"缺少列 {'、'.join(missing)}", f"columns missing: {', '.join(missing)}")
        return [
            (reader.line_num, {name: (record.get(name) or "").strip() for name in _CONTROL_COLUMNS})
            for record in reader
        ]
    except UnicodeDecodeError as error:
        raise _unreadable(1, "请另存为 UTF-8", "save it as UTF-8") from error
    except (csv.Error, OSError) as error:
        raise _unreadable(1, "无法读取或不是 CSV", "it cannot be read, or is no CSV") from error


def _total(record: dict[str, str], line: int) -> ControlTotal:
    try:
        amount = record["amount_yuan"]
        yuan = Decimal(amount) if amount else None
        if yuan is not None and not abs(yuan) < _LARGEST_YUAN:
            raise ValueError(amount)
        fen = None if yuan is None else int((yuan * 100).to_integral_exact())
        return ControlTotal(int(record["rows"]), fen)
    except (ValueError, ArithmeticError) as error:
        raise _unreadable(line, "rows 或 amount_yuan 不是数", "rows or amount_yuan is no number") from error


def _unreadable(line: int, zh: str, en: str) -> RefusedError:
    return RefusedError(
        "CONTROL_UNREADABLE",
        f"控制文件 {CONTROL_FILE} 第 {line} 行无法使用:{zh}",
        f"line {line} of {CONTROL_FILE} cannot be used: {en}",
    )
