"""What became of one delivered line: in which batches it landed, whether it was accepted, and by which rules it was set apart.

Here: batches of a file, the place of a line inside its container (sheet) or table (key), its fate. Not here: where an accepted
line is counted (publishing.walkback), versions of a row (versions). Shows keys and masked values only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sources.base.engine import ask, quoted
from sources.base.home import Home
from sources.connectors.joined import part_of_line
from sources.contracts.load import load_contracts
from sources.intake.manifest import read_manifest

ACCEPTED, QUARANTINED, REFUSED, NO_ROW = "accepted", "quarantined", "refused", "no row"
_PSEUDONYM_LENGTH, _PSEUDONYM_SHOWN = 64, 12


@dataclass(frozen=True)
class Fault:
    """One rule that a quarantined line broke; the value is a shape."""

    rule_id: str
    column_name: str
    shown: str
    message_zh: str
    message_en: str


@dataclass(frozen=True)
class LineFate:
    """One line in one batch. `fate` is one of the words above; `no row`: a heading, a duplicate, a blank or no such line."""

    batch_id: str
    feed: str
    institution_id: str
    month: str
    source_file: str
    place: str
    fate: str
    faults: tuple[Fault, ...] = ()


def fates(home: Home, file: str, line: int) -> list[LineFate]:
    """Of every batch that this file (its path in the inbox, or the end of it) was taken in as, what became of the line."""
    return [_fate(home, *batch, line) for batch in _batches_of(home, file)]


def place(home: Home, batch: tuple[str, str, str, str], line: int) -> str:
    """Where inside the file a line stands: the sheet of a workbook; of a database, which has no lines, the key of the row.

    batch: its feed, deliverer, month and id. Empty for a plain file, and where the home no longer holds the batch.
    """
    landed = home.landed_batch(*batch) / "manifest.json"
    if not landed.is_file():
        return ""
    manifest = read_manifest(landed)
    if manifest.parts:
        name, row = part_of_line(manifest.parts, line)
        return f"工作表 sheet {name} 第 {row} 行 row"
    if manifest.database is None:
        return f"工作表 sheet {manifest.sheet}" if manifest.sheet else ""
    return key_of(home.conformed_batch(*batch), batch[0], line)


def key_of(conformed: Path, feed: str, line: int) -> str:
    """`column=value` of a line's key, pseudonyms cut short; empty if the line was not accepted."""
    names = load_contracts()[feed].conformed_key
    if not conformed.is_file():
        return ""
    chosen = ", ".join(f"{quoted(name)}::varchar" for name in names)
    rows = ask(
        f"select {chosen} from read_parquet(?, hive_partitioning = true) where source_line = ?",
        [str(conformed), line],
    )
    return (
        " ".join(f"{name}={_short(value)}" for name, value in zip(names, rows[0], strict=True))
        if rows
        else ""
    )


def _short(value: str | None) -> str:
    text = value or "–"
    return f"{text[:_PSEUDONYM_SHOWN]}…" if len(text) == _PSEUDONYM_LENGTH else text


def _batches_of(home: Home, file: str) -> Iterable[tuple[str, str, str, str, str, str]]:
    if next(home.batch_outcome.glob("*.parquet"), None) is None:
        return []
    return ask(
        """select feed, institution_id, month, batch_id, source_file, status from read_parquet($1)
           where source_file = $2 or ends_with(source_file, '/' || $2) order by all""",
        [str(home.batch_outcome / "*.parquet"), file],
    )


def _fate(
    home: Home, feed: str, institution: str, month: str, batch_id: str, file: str, status: str, line: int
) -> LineFate:
    batch = (feed, institution, month, batch_id)
    faults = _faults(home.quarantined_batch(*batch), line)
    if status == REFUSED:
        fate = REFUSED
    elif faults:
        fate = QUARANTINED
    else:
        fate = ACCEPTED if _is_accepted(home.conformed_batch(*batch), line) else NO_ROW
    return LineFate(batch_id, feed, institution, month, file, place(home, batch, line), fate, faults)


def _is_accepted(conformed: Path, line: int) -> bool:
    sql = "select count(*) from read_parquet(?, hive_partitioning = false) where source_line = ?"
    return conformed.is_file() and ask(sql, [str(conformed), line])[0][0] > 0


def _faults(quarantined: Path, line: int) -> tuple[Fault, ...]:
    if not quarantined.is_file():
        return ()
    rows = ask(
        """select rule_id, coalesce(column_name, ''), coalesce(masked_value, ''), message_zh, message_en
           from read_parquet(?, hive_partitioning = false) where source_line = ? order by all""",
        [str(quarantined), line],
    )
    return tuple(Fault(*row) for row in rows)
