"""Whatever lies in the inbox ends landed or refused with a reason; nothing hangs, nothing is run, nothing is lost."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from sources.base.home import Home
from sources.county.county import County
from sources.ingest import ingest_feed
from sources.intake.inbox import find_deliveries, unclaimed_files
from sources.intake.outcome import BatchOutcome
from tests.sources.making import MONTH, TOWNSHIP, VISIT_HEADER, conformed, deliver, visit, visits

FEED = "his_op_visit"
FOLDER = f"{TOWNSHIP}/{MONTH}"
VISITS = f"{FOLDER}/MZJZ_202503.csv"


def taken(county: County, home: Home) -> BatchOutcome:
    (outcome,) = ingest_feed(county, home, FEED, [MONTH])
    return outcome


def code(outcome: BatchOutcome) -> str:
    assert outcome.refusal is not None
    return outcome.refusal.code


def place(county: County, name: str = VISITS) -> Path:
    path = county.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def test_a_pipe_is_refused_and_nobody_waits(county: County, home: Home) -> None:
    os.mkfifo(place(county))
    assert code(taken(county, home)) == "NOT_A_FILE"


def test_a_link_out_of_the_inbox_is_not_followed(county: County, home: Home) -> None:
    place(county).symlink_to(county.folder / "county.yml")
    assert code(taken(county, home)) == "OUTSIDE_INBOX"


def test_a_link_within_the_inbox_is_read(county: County, home: Home) -> None:
    deliver(county, "store/a.csv", visits(visit(1)))
    place(county).symlink_to(county.inbox / "store" / "a.csv")
    assert taken(county, home).accepted_rows == 1


def test_a_link_to_nowhere_is_refused(county: County, home: Home) -> None:
    place(county).symlink_to(county.inbox / "gone.csv")
    assert code(taken(county, home)) == "FILE_UNREADABLE"


def test_a_file_that_went_away_is_refused_and_forgotten_later(
    county: County, home: Home, monkeypatch
) -> None:
    path = deliver(county, VISITS, visits(visit(1)))
    found = find_deliveries(county, [FEED])
    path.unlink()
    monkeypatch.setattr("sources.ingest.find_deliveries", lambda *_: found)
    assert code(taken(county, home)) == "FILE_UNREADABLE"
    monkeypatch.setattr("sources.ingest.find_deliveries", find_deliveries)
    assert ingest_feed(county, home, FEED, [MONTH]) == []
    assert not list(home.refused.glob("*.json"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1))).chmod(0)
    assert code(taken(county, home)) == "FILE_UNREADABLE"


@pytest.mark.parametrize("held", [True, False])
def test_a_file_that_grows_while_it_is_read_waits_for_the_next_run(
    county: County, home: Home, monkeypatch: pytest.MonkeyPatch, held: bool
) -> None:
    monkeypatch.setattr("sources.connectors.source._HELD_BYTES", 1 << 20 if held else 10)
    path = deliver(county, VISITS, visits(visit(1)))
    grows = [True]

    def admit(*_: object) -> None:
        if grows.pop():
            with path.open("a") as file:
                file.write(visit(2) + "\n")

    monkeypatch.setattr("sources.intake.admission._admit_lines", admit)
    assert code(taken(county, home)) == "FILE_CHANGED"
    assert not list(home.landing.rglob("rows.parquet"))
    assert not list(home.landing.rglob(".tmp-*"))
    grows.append(False)
    assert taken(county, home).accepted_rows == 2
    assert not list(home.refused.glob("*.json"))


def test_names_that_cannot_be_shown_are_told_of_and_not_taken(county: County, home: Home) -> None:
    deliver(county, f"{FOLDER}/MZJZ_202503\x1b[31m.csv", visits(visit(1)))
    place(county, f"{FOLDER}/MZJZ_202503\udcc3\udcfb.csv").write_text(visits(visit(1)))
    deliver(county, f"{FOLDER}/MZJZ_202503_110101199003078515.csv", visits(visit(1)))
    assert ingest_feed(county, home, FEED, [MONTH]) == []
    told = "\n".join(unclaimed_files(county))
    assert told.isprintable() or told.replace("\n", "").isprintable()
    assert "\\x1b[31m" in told
    assert "110101199003078515" not in told and told.count("MZJZ_202503") == 3


CODE = [
    "[red]x[/red]",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "'; drop table x; --",
    "../../etc/passwd",
    "{{7*7}}",
    "${HOME}",
]


@pytest.mark.parametrize("text", CODE)
def test_what_looks_like_code_is_text(county: County, home: Home, text: str) -> None:
    quoted = f'"{text}"'
    deliver(county, VISITS, f"{VISIT_HEADER},{quoted}\n{visit(1, ZDMC=quoted)},{quoted}\n")
    outcome = taken(county, home)
    assert outcome.accepted_rows == 1
    assert conformed(home, FEED)[0]["main_diag_name"] == text


def test_a_name_that_looks_like_code_is_a_name(county: County, home: Home) -> None:
    name = f"{FOLDER}/MZJZ_202503_'; drop table x; --[red]{{{{7}}}}.csv"
    deliver(county, name, visits(visit(1)))
    assert taken(county, home).source_file == name


@pytest.mark.parametrize(
    "content",
    ["", "rows\n", 'file,sheet,rows,amount_yuan\n"', "file,sheet,rows,amount_yuan\nMZJZ_202503.csv,,1,1E999999\n",
     "file,sheet,rows,amount_yuan\nMZJZ_202503.csv,,x,\n"],
)  # fmt: skip
def test_a_broken_control_file_refuses_or_says_nothing(county: County, home: Home, content: str) -> None:
    deliver(county, VISITS, visits(visit(1)))
    deliver(county, f"{FOLDER}/control.csv", content)
    outcome = taken(county, home)
    assert outcome.refusal is None or re.match("CONTROL_", outcome.refusal.code)


def test_a_file_of_millions_of_columns_is_refused(county: County, home: Home) -> None:
    deliver(county, VISITS, VISIT_HEADER + ",x" * 3_000_000 + "\n")
    assert code(taken(county, home)) == "TOO_MANY_COLUMNS"


def test_one_enormous_cell_is_refused(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1), visit(2, ZDMC="病" * 3_000_000)))
    assert code(taken(county, home)) == "CELL_TOO_LARGE"


def test_a_year_of_2201_and_full_width_digits(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1, JZSJ="2201-03-01 08:30:00"), visit(2, LGXS="12")))
    outcome = taken(county, home)
    assert (outcome.accepted_rows, outcome.quarantined_rows) == (1, 1)
    assert str(conformed(home, FEED)[0]["obs_hours"]).startswith("12")
