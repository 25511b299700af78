"""Control files: what the sender says it sent (V35), held against what arrived on admission.

Here: finding and reading the line about one delivery. Not here: the comparison (admission).
"""

from __future__ import annotations

import csv
import io
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
    folder = inbox / delivery.institution_id / delivery.month
    path = folder / CONTROL_FILE
    if not path.is_file():
        return None
    inside = (
        (inbox / delivery.file).relative_to(folder).as_posix() if _lies_in(inbox, delivery, folder) else ""
    )
    names = {delivery.file, inside, PurePosixPath(delivery.file).name} - {""}
    for line, record in _control_records(path, path.stat().st_mtime_ns):
        if record["file"] in names and record["sheet"] in ("", delivery.sheet or ""):
            return _total(record, line)
    return None


def _lies_in(inbox: Path, delivery: Delivery, folder: Path) -> bool:
    return folder in (inbox / delivery.file).parents


@lru_cache(maxsize=256)
def _control_records(path: Path, _: int) -> list[tuple[int, dict[str, str]]]:
    """Lines of a control file; read once while its time of change stays, for it speaks of many files."""
    try:
        with path.open("rb") as file:
            text = file.read(_CONTROL_BYTES).decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text))
        header = [name.strip() for name in reader.fieldnames or []]
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
