"""Damaged files beside their clean twins: only damaged lines may be missing, and no cell may change in silence."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.base.bounds import Bounds
from sources.base.home import Home
from sources.base.refusal import RefusedError
from sources.connectors.files import read_any
from sources.connectors.wanted import Wanted
from sources.ingest import ingest_feed
from tests.sources.connectors import fuzzing
from tests.sources.making import (
    MONTH,
    TOWNSHIP,
    conformed,
    deliver,
    make_county,
    quarantined,
    rules,
    source_of,
    visit,
    visits,
)

NAMES = ("编号", "姓名", "备注", "金额")
WANTED = Wanted(frozenset(NAMES), 2)
# Letters that meet every branch: delimiters, quotes, full width, rare characters, code, blanks; line breaks apart.
LETTERS = "aZ09 ,;|\t\"'=<>[]%张三,。①1\U0002cb31\u3000\u200b\x1e\x1d"
CELLS = st.text(st.sampled_from(LETTERS), max_size=8)
BROKEN_CELLS = st.text(st.sampled_from(LETTERS + "\n\r"), max_size=8)


@dataclass(frozen=True)
class Twin:
    """A clean file line by line: every record's text and its cells."""

    records: list[str]
    rows: list[tuple[str, ...]]
    encoding: str
    line_break: str


def rows_of(cells: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[str, ...]]]:
    row = st.tuples(st.integers(1, 999).map(str), cells, cells, cells)
    return st.lists(row, min_size=1, max_size=25)


@st.composite
def twins(draw: st.DrawFn, cells: st.SearchStrategy[str]) -> tuple[Twin, str]:
    """A clean file and its delimiter."""
    delimiter = draw(st.sampled_from([",", "\t", "|", "^"]))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
    line_break = draw(st.sampled_from(["\n", "\r\n"]))
    rows = draw(rows_of(cells))
    return Twin([written(row, delimiter, quoting) for row in rows], rows, encoding, line_break), delimiter


def written(row: tuple[str, ...], delimiter: str, quoting: int = csv.QUOTE_MINIMAL) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator="\r\n").writerow(row)
    return buffer.getvalue().removesuffix("\r\n")


def text_of(records: list[str], delimiter: str, line_break: str) -> str:
    return line_break.join([delimiter.join(NAMES), *records]) + line_break


def read(text: str, encoding: str, chunk_bytes: int) -> dict[int, tuple[str, ...]] | None:
    """{line: cells} of the good rows, None when the file was refused."""
    with source_of(text.encode(encoding), Bounds(chunk_bytes=chunk_bytes)) as source:
        try:
            delivered = read_any(source, WANTED)
            found = [row for chunk in delivered.chunks for row in chunk.to_pylist()]
        except RefusedError:
            return None
    return {
        row["source_line"]: tuple(row[n] for n in NAMES) for row in found if row["malformed_text"] is None
    }


def first_lines(records: list[str]) -> list[int]:
    lines, line = [], 2
    for record in records:
        lines.append(line)
        line += record.count("\n") + 1
    return lines


@given(twins(BROKEN_CELLS), st.sampled_from([64, 200, 1 << 20]))
@settings(max_examples=150)
def test_a_clean_file_comes_out_cell_by_cell(drawn: tuple[Twin, str], chunk_bytes: int) -> None:
    twin, delimiter = drawn
    found = read(text_of(twin.records, delimiter, twin.line_break), twin.encoding, chunk_bytes)
    assert found == dict(zip(first_lines(twin.records), twin.rows, strict=True))


def shortened(record: str, delimiter: str, _: str) -> str:
    return record.rsplit(delimiter, 1)[0]


def lengthened(record: str, delimiter: str, _: str) -> str:
    return record + delimiter + "x"


def unclosed(record: str, _: str, __: str) -> str:
    end = record.rfind('"')
    return record[:end] + record[end + 1 :] if end >= 0 else '"' + record


def unopened(record: str, _: str, __: str) -> str:
    start = record.find('"')
    return record[:start] + record[start + 1 :] if start >= 0 else record + '"'


def with_nul(record: str, _: str, __: str) -> str:
    return record[: len(record) // 2] + "\x00" + record[len(record) // 2 :]


def glued(record: str, _: str, following: str) -> str:
    return record + following


DAMAGES = (shortened, lengthened, unclosed, unopened, with_nul, glued)


@given(
    twins(CELLS),
    st.lists(st.tuples(st.integers(0, 24), st.sampled_from(DAMAGES)), min_size=1, max_size=4),
    st.sampled_from([64, 1 << 20]),
)
@settings(max_examples=250)
def test_only_damaged_lines_are_missing_and_no_cell_changes(
    drawn: tuple[Twin, str], damages: list[tuple[int, object]], chunk_bytes: int
) -> None:
    twin, delimiter = drawn
    records, damaged = list(twin.records), set()
    for place, damage in damages:
        number = place % len(records)
        if number not in damaged:
            records[number] = damage(records[number], delimiter, records[(number + 1) % len(records)])
            damaged.add(number)
    found = read(text_of(records, delimiter, twin.line_break), twin.encoding, chunk_bytes)
    if found is None:
        return
    clean = dict(zip(range(2, 2 + len(records)), twin.rows, strict=True))
    missing = {line for line in clean if line not in found and any(clean[line])}
    assert missing <= {number + 2 for number in damaged}
    changed = {line: cells for line, cells in found.items() if clean[line] != cells}
    assert not {line for line in changed if line - 2 not in damaged}
    # Damage that leaves a well-formed record of the right width cannot be told from data; a torn one must be. Two torn lines
    # may make one whole record, when the quote that one lacks is the other's.
    whole = {line for line in changed if reads_as_one(records, line - 2, damaged, delimiter)}
    assert set(changed) == whole


def reads_as_one(records: list[str], first: int, damaged: set[int], delimiter: str) -> bool:
    """Whether a damaged record is well formed, alone or with the damaged ones right below it."""
    last = first
    while last in damaged:
        last += 1
        if well_formed("\n".join(records[first:last]), delimiter):
            return True
    return False


def well_formed(record: str, delimiter: str) -> bool:
    """By the standard: quotes open after and close before a delimiter, inner ones doubled; as many cells as names."""
    if "\x00" in record:
        return False
    try:
        (cells,) = csv.reader([record], delimiter=delimiter, strict=True)
    except (csv.Error, ValueError):
        return False
    return len(cells) == len(NAMES)


@pytest.mark.parametrize("chunk_bytes", [150, 1000])
def test_a_batch_in_many_chunks_is_judged_like_one(tmp_path, chunk_bytes: int) -> None:
    lines = [visit(n, ZT="7" if n % 5 == 0 else "1") for n in range(1, 40)]
    text = visits(*lines, *lines[:7], "torn", *lines[20:22])
    seen = []
    for name, settings_text in (("one", ""), ("many", f"settings: {{chunk_bytes: {chunk_bytes}}}\n")):
        county = make_county(tmp_path / name)
        path = county.folder / "county.yml"
        path.write_text(path.read_text("utf-8") + settings_text, "utf-8")
        county, home = type(county).load(county.folder), Home(tmp_path / f"home {name}")
        deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv", text)
        (outcome,) = ingest_feed(county, home, "his_op_visit", [MONTH])
        again = ingest_feed(county, home, "his_op_visit", [MONTH], full=True)
        assert again[0].accepted_rows == outcome.accepted_rows
        counts = (
            outcome.delivered_rows,
            outcome.accepted_rows,
            outcome.quarantined_rows,
            outcome.duplicate_rows,
        )
        seen.append((counts, conformed(home, "his_op_visit"), quarantined(home), rules(home)))
    assert seen[0] == seen[1]
    assert seen[0][0][3] > 0, "duplicates lie chunks apart"


@pytest.mark.parametrize("name", sorted(fuzzing.CLEAN))
def test_every_damaged_file_is_read_or_refused(name: str) -> None:
    """A small part of `make fuzz`."""
    outcomes = [fuzzing.one(name, seed) for seed in range(25)]
    assert all(outcome == "read" or outcome.isupper() for outcome in outcomes)
