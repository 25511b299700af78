"""The code of a proof of contribution: that of the rows, by any program, and another one when any of them changes."""

from __future__ import annotations

import datetime as dt
import subprocess

import pytest

from orchestration.publishing.assistance import code_of, earned

ROWS = [
    {
        "staff_id": "P1",
        "entry_number": number,
        "entry_date": dt.date(2025, 1, number),
        "entry_kind": kind,
        "points": points,
        "balance_points": balance,
        "source_file": file,
        "source_line": line,
    }
    for number, kind, points, balance, file, line in (
        (1, "earned", 3, 3, "T/a.csv", 5),
        (2, "redeemed", -2, 1, None, None),
    )
]


def test_the_code_is_that_of_the_lines_as_another_program_reads_them() -> None:
    lines = "P1\t1\t2025-01-01\tearned\t3\t3\tT/a.csv\t5\nP1\t2\t2025-01-02\tredeemed\t-2\t1\t\t"
    told = subprocess.run(
        ["sha256sum"], input=lines.encode(), capture_output=True, check=True
    ).stdout.decode()
    assert code_of(reversed(ROWS)).replace("-", "") == told[:16]
    assert earned(ROWS) == 3


@pytest.mark.parametrize("column", ROWS[0])
def test_another_cell_is_another_code(column: str) -> None:
    changed = (
        [{**ROWS[0], column: "x"}, ROWS[1]] if column != "entry_number" else [{**ROWS[0], column: 9}, ROWS[1]]
    )
    assert code_of(changed) != code_of(ROWS)
