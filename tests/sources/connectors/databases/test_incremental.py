"""What lands when a database is read again: nothing, new rows, changed rows; late ones within the window."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sources.base.home import Home
from sources.county.county import County
from sources.ingest import find_deliveries, replay
from sources.onboarding.trial import check_delivery
from tests.sources.connectors.databases.making import (
    FEED,
    SQLITE,
    VISITS,
    VisitDatabase,
    database_county,
    take,
)
from tests.sources.connectors.databases.servers import Server
from tests.sources.intake.test_ingest import tree
from tests.sources.making import HOSPITAL, MONTH, VISIT_HEADER, conformed, rules, visit


@pytest.fixture
def database(tmp_path: Path) -> VisitDatabase:
    (tmp_path / "county").mkdir()
    made = VisitDatabase(tmp_path / "county")
    for number in (1, 2, 3):
        made.add(number)
    return made


@pytest.fixture
def county(tmp_path: Path, database: VisitDatabase) -> County:
    return database_county(tmp_path / "county", VISITS, SQLITE)


def manifests(home: Home) -> list[dict]:
    found = [json.loads(p.read_text(encoding="utf-8")) for p in home.landing.rglob("manifest.json")]
    return sorted(found, key=lambda manifest: manifest["landed_at"])


def versions(home: Home) -> list[tuple[str, str, int]]:
    return [(r["visit_id"], r["main_diag_name"], r["source_line"]) for r in conformed(home, FEED)]


def test_a_table_lands_as_one_batch_with_its_rows_numbered(county: County, home: Home) -> None:
    (outcome,) = take(county, home)
    assert (outcome.status, outcome.landed, outcome.delivered_rows, outcome.accepted_rows) == (
        "conformed",
        "new",
        3,
        3,
    )
    assert outcome.source_file == f"database/{HOSPITAL}/MZJZ"
    assert [row["source_line"] for row in conformed(home, FEED)] == [1, 2, 3]
    (manifest,) = manifests(home)
    assert (manifest["connector"], manifest["database"]["server"]) == ("databases", "sqlite")
    assert manifest["database"]["watermark"] == "2025-03-01 09:00:00"


def test_reading_unchanged_data_again_changes_nothing(county: County, home: Home) -> None:
    take(county, home)
    before = tree(home.root)
    (outcome,) = take(county, home)
    assert (outcome.landed, outcome.accepted_rows) == ("unchanged", 3)
    assert tree(home.root) == before


def test_only_new_and_changed_rows_land_and_the_earlier_version_stays(
    county: County, home: Home, database: VisitDatabase
) -> None:
    take(county, home)
    database.add(4, GXSJ="2025-03-05 10:00:00")
    database.run("update mzjz set zdmc = '更正', gxsj = '2025-03-06 10:00:00' where jzlsh = 'MZ000002'")
    first, second = take(county, home)
    assert (first.landed, second.landed, second.delivered_rows) == ("unchanged", "new", 2)
    assert ("MZ000002", "高血压病", 2) in versions(home)
    assert ("MZ000002", "更正", 4) in versions(home), "lines go on, so that file and line name one row"
    assert second.first_landed_at > first.first_landed_at
    assert [m["database"]["rows_known"] for m in manifests(home)] == [0, 2]


def test_a_row_written_late_is_found_within_the_window_only(
    county: County, home: Home, database: VisitDatabase
) -> None:
    database.add(4, GXSJ="2025-03-20 10:00:00")
    take(county, home)
    database.add(5, GXSJ="2025-03-14 10:00:00")
    database.add(6, GXSJ="2025-03-12 10:00:00")
    assert [outcome.delivered_rows for outcome in take(county, home)] == [4, 1]
    assert [outcome.delivered_rows for outcome in take(county, home, full=True)] == [4, 1, 1]


def test_a_change_without_a_time_of_change_is_found_by_full(
    county: County, home: Home, database: VisitDatabase
) -> None:
    database.add(4, GXSJ="2025-03-30 10:00:00")
    take(county, home)
    database.run("update mzjz set zdmc = '悄悄改' where jzlsh = 'MZ000001'")
    assert len(take(county, home)) == 1
    assert [outcome.delivered_rows for outcome in take(county, home, full=True)] == [4, 1]


def test_rows_without_a_time_of_change_are_always_read(
    county: County, home: Home, database: VisitDatabase
) -> None:
    database.add(4, GXSJ="2025-03-30 10:00:00")
    take(county, home)
    database.run(
        "insert into mzjz select 5, jgdm, 'MZ000005', hzbh, jzsj, jzlx, ksdm, ysgh, zdbm, zdmc, lgxs, zt, null, czbz from mzjz where xh = '1'"
    )
    assert [outcome.delivered_rows for outcome in take(county, home)] == [4, 1]


def test_times_of_change_as_numbers_or_in_another_shape_are_not_missed(
    county: County, home: Home, database: VisitDatabase
) -> None:
    database.run("update mzjz set gxsj = 20250301090000")
    take(county, home)
    assert manifests(home)[0]["database"]["watermark"] == "20250301090000"
    database.run("update mzjz set zdmc = '甲', gxsj = 20250305090000 where xh = '1'")
    database.run("update mzjz set zdmc = '乙', gxsj = '01/02/2025' where xh = '2'")
    database.run("update mzjz set zdmc = '丙', gxsj = '2025-01-02' where xh = '3'")
    assert [outcome.delivered_rows for outcome in take(county, home)] == [3, 3]


def test_a_time_of_change_to_come_does_not_hide_later_changes(
    county: County, home: Home, database: VisitDatabase
) -> None:
    database.add(4, GXSJ="9999-12-31 00:00:00")
    take(county, home)
    assert manifests(home)[0]["database"]["watermark"] == "2025-03-01 09:00:00"
    database.add(5, GXSJ="2025-03-02 10:00:00")
    assert [outcome.delivered_rows for outcome in take(county, home)] == [4, 1]


def test_empty_text_and_null_are_different_rows(county: County, home: Home, database: VisitDatabase) -> None:
    take(county, home)
    database.run("update mzjz set zdmc = '' where xh = '1'")
    database.run("update mzjz set zdmc = null where xh = '2'")
    take(county, home, full=True)
    database.run("update mzjz set zdmc = null where xh = '1'")
    assert [outcome.delivered_rows for outcome in take(county, home, full=True)] == [3, 2, 1]


def test_a_month_without_rows_is_a_delivery_without_rows(county: County, home: Home) -> None:
    (outcome,) = take(county, home, month="2025-02")
    assert (outcome.status, outcome.delivered_rows) == ("conformed", 0)
    assert [o.landed for o in take(county, home, month="2025-02")] == ["unchanged"]


def test_every_month_of_the_county_can_be_asked_for(county: County) -> None:
    found = [d for d in find_deliveries(county) if d.is_database]
    assert [d.month for d in found] == ["2025-01", "2025-02", "2025-03", "2025-04"]
    assert {d.institution_id for d in found} == {HOSPITAL}
    assert [d.month for d in find_deliveries(county, [FEED], [MONTH], [HOSPITAL])] == [MONTH]


def test_a_database_file_that_is_not_there_has_not_been_delivered(
    county: County, home: Home, database: VisitDatabase
) -> None:
    take(county, home)
    database.path.unlink()
    assert [d for d in find_deliveries(county) if d.is_database] == []
    assert take(county, home) == []
    assert len(conformed(home, FEED)) == 3, "what landed stays"


def test_a_changed_mapping_conforms_what_has_landed_again(county: County, home: Home) -> None:
    take(county, home)
    path = county.folder / "mappings" / "db.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("      obs_hours: LGXS\n", ""), encoding="utf-8")
    (outcome,) = take(County.load(county.folder), home)
    assert (outcome.landed, outcome.accepted_rows) == ("unchanged", 3)
    assert conformed(home, FEED)[0]["obs_hours"] is None
    path.write_text(text, encoding="utf-8")
    (outcome,) = replay(County.load(county.folder), home, feed=FEED)
    assert conformed(home, FEED)[0]["obs_hours"] is not None, "replayed without asking the database"


def test_the_dry_run_reads_a_database_and_lands_nothing(
    county: County, home: Home, database: VisitDatabase
) -> None:
    database.add(4, JZLX="门诊")
    report = check_delivery(county, HOSPITAL, MONTH)
    (file,) = report.files
    assert (file.account.delivered_rows, file.account.quarantined_rows, file.dialect) == (4, 1, "sqlite")
    assert not home.root.exists()


def test_two_homes_of_one_database_are_equal(county: County, tmp_path: Path) -> None:
    homes = [Home(tmp_path / name) for name in ("one", "two")]
    for home in homes:
        take(county, home)
    one, two = ({n: d for n, d in tree(h.root).items() if not n.endswith("rows.parquet")} for h in homes)
    assert one == two


def test_rows_that_no_month_will_ask_for_are_counted(
    county: County, home: Home, database: VisitDatabase
) -> None:
    for number, time in enumerate(
        (None, "", "0000-00-00 00:00:00", "昨天", " 2025-03-01", "3025-03-01"), start=10
    ):
        database.add(number)
        said = "null" if time is None else f"'{time}'"
        database.run(f"update mzjz set jzsj = {said} where jzlsh = 'MZ0000{number}'")
    (outcome,) = take(county, home)
    assert outcome.accepted_rows == 3
    assert rules(home) == {("ROW_OF_NO_MONTH", "JZSJ"): 6}
    assert [
        f.rule.violated for file in check_delivery(county, HOSPITAL, MONTH).files for f in file.findings
    ] == [6]


# How a server says a moment that it has and no month: beyond the calendar, or the zero of old programs.
NO_MOMENT = {"postgresql": ("infinity", "-infinity"), "mariadb": ("0000-00-00 00:00:00",)}


@pytest.mark.parametrize("kind", NO_MOMENT)
@pytest.mark.parametrize(
    ("type_", "wrong"),
    [
        ("varchar(40)", (None, "", "0000-00-00 00:00:00", "昨天", "3025-03-01")),
        ("timestamp", (None, "3025-03-01 08:00:00")),
        ("date", (None, "3025-03-01")),
        ("bigint", (None, "0", "1", "30250301")),
    ],
)
def test_rows_of_no_month_are_counted_on_real_servers(
    kind: str,
    type_: str,
    wrong: tuple[str | None, ...],
    tmp_path: Path,
    home: Home,
    request: pytest.FixtureRequest,
) -> None:
    server: Server = request.getfixturevalue(kind)
    type_ = "datetime" if (kind, type_) == ("mariadb", "timestamp") else type_
    if type_ in ("timestamp", "datetime", "date"):
        wrong += tuple(
            each[:10] if type_ == "date" and kind == "mariadb" else each for each in NO_MOMENT[kind]
        )
    if kind == "mariadb":
        server.run("set sql_mode = ''")
    names = VISIT_HEADER.lower().split(",")
    columns = ", ".join(f"{name} {type_ if name == 'jzsj' else 'varchar(60)'}" for name in names)
    server.run(f"create table {{here}}.mzjz ({columns})")
    right = "20250301" if type_ == "bigint" else "2025-03-01"
    for number, moment in enumerate((right, right, *wrong), start=1):
        cells = visit(number, JGDM=HOSPITAL).split(",")
        cells[names.index("jzsj")] = moment
        server.run(f"insert into {{here}}.mzjz values ({', '.join(['%s'] * len(cells))})", cells)
    county = database_county(tmp_path / "county", VISITS.replace("MZJZ", f"{server.name}.mzjz"))
    (outcome,) = take(county, home)
    assert (outcome.status, outcome.accepted_rows) == ("conformed", 2)
    assert {rule: n for (rule, _), n in rules(home).items() if rule == "ROW_OF_NO_MONTH"} == {
        "ROW_OF_NO_MONTH": len(wrong)
    }
