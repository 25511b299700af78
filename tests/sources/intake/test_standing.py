"""Which batches count: a corrected file takes the place of what it corrects, a withdrawn one counts nothing, nothing is lost."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from sources.base.engine import ask
from sources.base.home import Home
from sources.county.county import County
from sources.ingest import gone_files, ingest_feed, replay, withdraw
from sources.intake.arrivals import Arrivals
from sources.intake.deciding import write_standing
from sources.intake.outcome import read_outcomes
from sources.intake.standing import read_standing, rows_in_force
from sources.intake.withdrawals import Decision, decide
from tests.sources.making import (
    HOSPITAL,
    MONTH,
    MTIME,
    TOWNSHIP,
    VENDOR,
    VILLAGE,
    deliver,
    read_all,
    visit,
    visits,
)

FEED = "his_op_visit"
FOLDER = f"{TOWNSHIP}/{MONTH}"
VISITS, CORRECTED = f"{FOLDER}/MZJZ_202503.csv", f"{FOLDER}/MZJZ_202503_更正.csv"
DELETED = f"{FOLDER}/MZJZ_202503_删除.csv"


def take(county: County, home: Home, name: str, numbers: Sequence[int], later: int = 0, **cells: str) -> str:
    """Deliver visits of these numbers under a name and take everything in; the batch id."""
    path = deliver(county, name, visits(*(visit(number, **cells) for number in numbers)))
    os.utime(path, (MTIME + later, MTIME + later))
    return next(
        outcome.batch_id for outcome in ingest_feed(county, home, FEED, [MONTH]) if outcome.landed == "new"
    )


def counting(home: Home) -> list[str]:
    """Keys of the rows in force."""
    return [key for (key,) in ask(f"select distinct visit_id from {rows_in_force(home, FEED)} order by all")]


def told(home: Home) -> dict[str, tuple[str, int, int, int]]:
    return {
        batch: (row.standing, row.ended_keys, row.absent_keys, row.unused_keys)
        for batch, row in read_standing(home).items()
    }


def keys(*numbers: int) -> list[str]:
    return [f"MZ{number:06d}" for number in numbers]


def replacing(county: County, what: str) -> County:
    """The county with a mapping that says what a visits file takes the place of."""
    text = VENDOR.replace("    columns: &visit\n", f"    replaces: {what}\n    columns: &visit\n")
    (county.folder / "mappings" / "vendor.yml").write_text(text, encoding="utf-8")
    return County.load(county.folder)


def test_a_file_written_anew_takes_the_place_of_what_it_was(county: County, home: Home) -> None:
    first = take(county, home, VISITS, range(1, 12))
    second = take(county, home, VISITS, range(1, 4))
    assert told(home) == {first: ("overtaken", 8, 0, 0)}
    assert read_standing(home)[first].overtaken_by == second
    assert counting(home) == keys(1, 2, 3)
    assert len(read_outcomes(home)) == 2, "history keeps both"


def test_the_last_word_counts_even_if_it_is_the_first_again_or_bears_an_older_time(
    county: County, home: Home
) -> None:
    first = take(county, home, VISITS, [1, 2])
    second = take(county, home, VISITS, [1], later=-86_400)
    assert counting(home) == keys(1)
    deliver(county, VISITS, visits(visit(1), visit(2)))
    ingest_feed(county, home, FEED, [MONTH])
    assert told(home) == {second: ("overtaken", 0, 0, 0)} and first not in told(home)
    assert counting(home) == keys(1, 2)


@pytest.mark.parametrize("together", [True, False])
def test_a_file_that_replaces_its_month_ends_what_it_leaves_out(
    county: County, home: Home, together: bool
) -> None:
    county = replacing(county, "month")
    deliver(county, VISITS, visits(*map(visit, (1, 2, 3))))
    if not together:
        ingest_feed(county, home, FEED, [MONTH])
    take(county, home, CORRECTED, [1, 2], later=60)
    assert list(told(home).values()) == [("overtaken", 1, 0, 0)]
    assert counting(home) == keys(1, 2)


def test_a_corrected_key_retires_the_row_it_stood_in(county: County, home: Home) -> None:
    county = replacing(county, "month")
    take(county, home, VISITS, [1])
    take(county, home, CORRECTED, [1], later=60, JGDM=VILLAGE)
    assert ask(f"select org_code from {rows_in_force(home, FEED)}") == [(VILLAGE,)]


def test_files_that_add_count_together_and_what_the_later_leaves_out_is_told(
    county: County, home: Home
) -> None:
    first = take(county, home, VISITS, [1, 2, 3])
    take(county, home, f"{FOLDER}/MZJZ_202503_2.csv", [4, 5, 6], later=60)
    assert told(home) == {}, "parts of a month share no keys"
    corrected = take(county, home, CORRECTED, [1, 2], later=120)
    assert told(home) == {first: ("in_force", 0, 1, 0)}
    row = read_standing(home)[first]
    assert (row.compared_with, row.common_keys) == (corrected, 2)
    assert counting(home) == keys(1, 2, 3, 4, 5, 6)


def test_a_mapping_may_say_that_nothing_is_replaced(county: County, home: Home) -> None:
    county = replacing(county, "nothing")
    take(county, home, VISITS, [1, 2])
    take(county, home, VISITS, [3])
    assert counting(home) == keys(1, 2, 3)


def test_a_later_file_with_an_older_time_is_told(county: County, home: Home) -> None:
    take(county, home, VISITS, [1, 2, 3])
    late = take(county, home, CORRECTED, [1], later=-60)
    assert told(home) == {late: ("in_force", 0, 0, 1)}


def test_what_is_said_holds_for_old_batches_when_the_mapping_changes(county: County, home: Home) -> None:
    first = take(county, home, VISITS, [1, 2, 3])
    take(county, home, CORRECTED, [1, 2], later=60)
    ingest_feed(replacing(county, "month"), home, FEED, [MONTH])
    assert told(home) == {first: ("overtaken", 1, 0, 0)}
    assert all(outcome.landed == "unchanged" for outcome in ingest_feed(county, home, FEED, [MONTH]))


def test_a_refused_correction_takes_no_place_and_is_itself_overtaken(county: County, home: Home) -> None:
    take(county, home, VISITS, [1, 2])
    deliver(county, VISITS, "no,header\n1,2\n")
    ingest_feed(county, home, FEED, [MONTH])
    assert counting(home) == keys(1, 2) and told(home) == {}
    take(county, home, VISITS, [1])
    assert counting(home) == keys(1)


def test_a_withdrawn_batch_stays_out_over_reruns_and_replays_and_comes_back(
    county: County, home: Home
) -> None:
    first = take(county, home, VISITS, [1, 2])
    second = take(county, home, VISITS, [3])
    decide(home, Decision(second, True, "报错了", "李工", "2025-04-10"))
    for _ in range(2):
        ingest_feed(county, home, FEED, [MONTH])
        replay(county, home)
        assert told(home) == {second: ("withdrawn", 1, 0, 0)}, "what it had overtaken is in force again"
        assert counting(home) == keys(1, 2)
    decide(home, Decision(second, False, "没有错", "李工", "2025-04-11"))
    ingest_feed(county, home, FEED, [MONTH])
    assert told(home) == {first: ("overtaken", 2, 0, 0)}


def test_the_same_walk_gives_the_same_bytes(county: County, home: Home) -> None:
    written = []
    for each in (home, Home(home.root.with_name("again"))):
        take(county, each, VISITS, [1, 2])
        take(county, each, VISITS, [1])
        written.append((each.batch_standing / f"{FEED}.parquet").read_bytes())
    assert written[0] == written[1]


def test_a_line_that_a_kill_cut_off_is_no_line(county: County, home: Home) -> None:
    first = take(county, home, VISITS, [1, 2])
    with home.arrivals(FEED).open("ab") as file:
        file.write('{"batch_id": "半'.encode()[:-1])
    take(county, home, VISITS, [1])
    assert told(home) == {first: ("overtaken", 1, 0, 0)}


def test_what_landed_before_arrivals_were_written_down_is_older(county: County, home: Home) -> None:
    first = take(county, home, VISITS, [1, 2])
    home.arrivals(FEED).unlink()
    take(county, home, VISITS, [1])
    assert told(home) == {first: ("overtaken", 1, 0, 0)}


def test_a_file_that_is_gone_is_told_unless_the_inbox_was_put_in_order(county: County, home: Home) -> None:
    first = take(county, home, VISITS, [1, 2])
    (county.inbox / VISITS).unlink()
    assert gone_files(county, home, [MONTH]) == [], "the whole inbox was emptied"
    take(county, home, CORRECTED, [3])
    assert [each.batch_id for each in gone_files(county, home, [MONTH])] == [first]
    withdraw(county, home, Decision(first, True, "报错了", "李工", "2025-04-10"))
    assert gone_files(county, home, [MONTH]) == [] and counting(home) == keys(3)


def test_a_row_corrected_later_resolves_its_quarantined_version(county: County, home: Home) -> None:
    """100 visits, 25 without doctor; the 25 come again, 20 of them mended: 5 are open, and counted once."""
    deliver(county, VISITS, visits(*(visit(n, YSGH="" if n <= 25 else "P1") for n in range(1, 101))))
    (first,) = ingest_feed(county, home, FEED, [MONTH])
    assert first.quarantined_rows == 25
    mended = [visit(n, YSGH="P1" if n > 5 else "", GXSJ="2025-03-09 09:00:00") for n in range(1, 26)]
    deliver(county, CORRECTED, visits(*mended))
    _, second = ingest_feed(county, home, FEED, [MONTH])
    assert second.quarantined_rows == 5
    row = read_standing(home)[first.batch_id]
    assert (row.standing, row.resolved_rows) == ("in_force", 25)
    (fault,) = read_all(home.resolved_fault).to_pylist()
    assert (fault["batch_id"], fault["column_name"], fault["resolved"]) == (first.batch_id, "staff_id", 25)
    withdraw(county, home, Decision(second.batch_id, True, "报错了", "李工", "2025-04-10"))
    assert first.batch_id not in read_standing(home), "without the correction the old faults are open again"


APRIL = f"{TOWNSHIP}/2025-04/MZJZ_202504.csv"


def open_in_march(home: Home, batch_id: str) -> int:
    """Rows of the batch that are still to be mended."""
    row = read_standing(home).get(batch_id)
    (outcome,) = (each for each in read_outcomes(home) if each.batch_id == batch_id)
    return outcome.quarantined_rows - (row.resolved_rows if row else 0)


def test_a_row_corrected_with_another_months_delivery_resolves_its_quarantined_version(
    county: County, home: Home
) -> None:
    """Of ten faulty rows of March four come again with April's file, one of them still faulty: six and one are open."""
    march = take(county, home, VISITS, range(1, 11), YSGH="")
    mended = [visit(n, YSGH="" if n == 4 else "P1", GXSJ="2025-04-09 09:00:00") for n in range(1, 5)]
    deliver(county, APRIL, visits(*mended, visit(20, JZSJ="2025-04-02 08:00:00")))
    (april,) = ingest_feed(county, home, FEED, ["2025-04"])
    assert open_in_march(home, march) == 7 and read_standing(home)[march].resolved_rows == 3
    (fault,) = read_all(home.resolved_fault).to_pylist()
    assert (fault["month"], fault["column_name"], fault["resolved"]) == (MONTH, "staff_id", 3)
    before = (home.batch_standing / f"{FEED}.parquet").read_bytes()
    for months in ([MONTH], ["2025-04"], [MONTH, "2025-04"]):
        ingest_feed(county, home, FEED, months)
    replay(county, home)
    assert (home.batch_standing / f"{FEED}.parquet").read_bytes() == before
    withdraw(county, home, Decision(april.batch_id, True, "报错了", "李工", "2025-05-10"))
    assert open_in_march(home, march) == 10, "without the correction the old faults are open again"


def test_a_number_that_begins_anew_every_month_resolves_nothing(county: County, home: Home) -> None:
    march = take(county, home, VISITS, [1, 2], YSGH="")
    deliver(county, APRIL, visits(*(visit(n, JZSJ="2025-04-02 08:00:00") for n in (1, 2))))
    ingest_feed(county, home, FEED, ["2025-04"])
    assert open_in_march(home, march) == 2


def test_another_deliverers_row_or_an_earlier_months_resolves_nothing(county: County, home: Home) -> None:
    march = take(county, home, VISITS, [1], YSGH="")
    deliver(county, f"{HOSPITAL}/2025-04/MZJZ_202504.csv", visits(visit(1, JGDM=HOSPITAL)))
    deliver(county, f"{TOWNSHIP}/2025-02/MZJZ_202502.csv", visits(visit(1)))
    ingest_feed(county, home, FEED, ["2025-02", "2025-04"])
    assert open_in_march(home, march) == 1


def test_an_entry_of_a_list_is_corrected_by_a_later_list(county: County, home: Home) -> None:
    header, line = "JGDM,HZBH,XM,ZJLX,ZJHM,XB,CSRQ,MZ,LXDH,YBBH", f"{TOWNSHIP},P1,{{}},,,1,1950-01-01,,,"
    for month, name in ((MONTH, ""), ("2025-04", "张三")):
        file = f"{TOWNSHIP}/{month}/HZ_{month.replace('-', '')}.csv"
        deliver(county, file, f"{header}\n{line.format(name)}\n")
        ingest_feed(county, home, "his_patient", [month])
    (row,) = read_standing(home, "his_patient").values()
    assert (row.month, row.resolved_rows) == (MONTH, 1)


@pytest.mark.parametrize("cells", [{"JZLSH": ""}, {"JGDM": "没有这家"}])
def test_a_row_without_a_key_to_trust_is_resolved_by_nothing(
    county: County, home: Home, cells: dict[str, str]
) -> None:
    take(county, home, VISITS, [1], **cells)
    take(county, home, CORRECTED, [1, 2], later=60, **cells)
    assert told(home) == {}


def test_a_file_of_which_everything_came_again_counts_once(county: County, home: Home) -> None:
    first = take(county, home, VISITS, [1, 2])
    second = take(county, home, CORRECTED, [1, 2, 3], later=60)
    assert told(home) == {first: ("overtaken", 0, 0, 0)}
    assert read_standing(home)[first].overtaken_by == second
    withdraw(county, home, Decision(second, True, "报错了", "李工", "2025-04-10"))
    assert counting(home) == keys(1, 2)


def test_a_home_may_stand_anywhere(county: County, tmp_path: Path) -> None:
    home = Home(tmp_path / "a [home], 'quoted' *")
    first = take(county, home, VISITS, [1, 2, 3])
    take(county, home, VISITS, [1])
    assert told(home) == {first: ("overtaken", 2, 0, 0)}
    assert counting(home) == keys(1)


def test_a_row_corrected_to_another_institution_beside_the_old_one_is_told(
    county: County, home: Home
) -> None:
    """In one file or by a second one; versions, other events and rows of one institution are nothing of the kind."""
    moved = visit(1, JGDM=VILLAGE, GXSJ="2025-03-09 09:00:00")
    version = visit(2, ZDBM="I11.900", GXSJ="2025-03-09 09:00:00")
    other = visit(3, JGDM=VILLAGE, JZSJ="2025-03-02 08:30:00", GXSJ="2025-03-09 09:00:00")
    lines = [visit(1), moved, visit(2), version, visit(3), other, visit(4)]
    deliver(county, VISITS, visits(*lines))
    (first,) = ingest_feed(county, home, FEED, [MONTH])
    (row,) = read_standing(home).values()
    assert (row.batch_id, row.standing, row.moved_keys) == (first.batch_id, "in_force", 1)

    deliver(county, CORRECTED, visits(visit(4, JGDM=VILLAGE, GXSJ="2025-03-10 09:00:00")))
    ingest_feed(county, home, FEED, [MONTH])
    assert read_standing(home)[first.batch_id].moved_keys == 2
    deliver(county, DELETED, visits(visit(1, CZBZ="D", GXSJ="")))
    ingest_feed(county, home, FEED, [MONTH])
    assert read_standing(home)[first.batch_id].moved_keys == 1, "the old row was deleted in a file of its own"
    deliver(county, VISITS, visits(moved, version, visit(3), other))
    ingest_feed(county, home, FEED, [MONTH])
    assert {row.moved_keys for row in read_standing(home).values()} == {0}


def test_what_a_month_says_of_itself_stays_whatever_the_next_brings(county: County, home: Home) -> None:
    """Of the same batches moved rows are not asked for again; a faulty row that a later month corrects is resolved."""
    moved = visit(1, JGDM=VILLAGE, GXSJ="2025-03-09 09:00:00")
    deliver(county, VISITS, visits(visit(1), moved, visit(2, YSGH="")))
    (first,) = ingest_feed(county, home, FEED, [MONTH])
    before = read_standing(home)[first.batch_id]
    assert before.moved_keys == 1
    for number, month in enumerate(("2025-04", "2025-05"), start=7):
        later = VISITS.replace(MONTH, month).replace(MONTH.replace("-", ""), month.replace("-", ""))
        deliver(county, later, visits(visit(number, JZSJ=f"{month}-02 08:30:00"), visit(2)))
        ingest_feed(county, home, FEED, [month])
        row = read_standing(home)[first.batch_id]
        assert (row.moved_keys, row.resolved_rows) == (1, 1)
    rows = read_standing(home)
    (home.batch_standing / f"{FEED}.parquet").unlink()
    write_standing(county, home, Arrivals(home, FEED), FEED)
    assert read_standing(home) == rows
