"""Every line of the defect log stands where it says and looks as it says; without defects there is none."""

from collections import Counter
from datetime import datetime

import numpy as np
import pyarrow as pa
import pytest

from sources.mappings.plan import plan_of
from sources.simulator.delivered.defects import DAMAGES, RAGGED
from sources.simulator.delivered.defects import damage as spoil
from sources.simulator.delivered.rendering import TextTable
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.styles import STYLES
from tests.simulator.conftest import LAYOUT, mapping

EXPECTED_RULES = {
    "V03", "V04", "V05", "V06", "V07", "V09", "V10", "V11", "V12", "V13", "V14", "V15", "V16", "V17", "V18", "V19", "V23",
    "V24", "V27", "V28", "V29", "V30", "V32", "V33", "V34", "V35", "V36", "V37", "V38",
}  # fmt: skip


def header_of(entry: dict[str, str], column: str) -> str | None:
    vendor = mapping(LAYOUT.mapping_of[entry["institution_id"]])
    source = plan_of(vendor, entry["feed"]).columns.get(column)
    return source.from_[0] if source and len(source.from_) == 1 else None


def sheet_of(entry: dict[str, str]) -> str | None:
    return mapping(LAYOUT.mapping_of[entry["institution_id"]]).feeds[entry["feed"]].sheet


def row_of(county, entry: dict[str, str], cache: dict) -> dict[str, str]:
    key = (entry["file"], entry["feed"], entry["month"])
    if key not in cache:
        cache[key] = delivered(county, entry["file"], sheet_of(entry), entry["month"])
    return cache[key][int(entry["line"]) - (2 if county.has_header(entry["file"]) else 1)]


def delivered(county, file: str, sheet: str | None, month: str) -> list[dict[str, str]]:
    rows = county.rows(file, sheet)
    return [row for row in rows if row["stat_month"] == month] if file.startswith("database/") else rows


def moment(text: str) -> str | datetime:
    """Something that can be compared within one vendor's files."""
    return datetime.strptime(text, "%a %b %d %H:%M:%S CST %Y") if "CST" in text else text


@pytest.mark.parametrize("feed", sorted({entry.feed for entry in DAMAGES if entry.destroys}))
@pytest.mark.parametrize("seed", range(5))
def test_damage_never_stops_a_run_at_any_size(feed: str, seed: int) -> None:
    """The gates stop a delivery of which more than 5 % and 20 rows are quarantined, or more than 90 %; a file is refused of
    which more than 1 % and 5 lines are broken.
    """
    sizes = {"A": 1, "B": 2, "C": 9, "D": 40, "E": 400, "F": 4_000, "G": 40_000}
    deliverer = np.repeat(list(sizes), list(sizes.values()))
    columns = sorted(
        {entry.column for entry in DAMAGES if entry.feed == feed and not entry.column.startswith("<")}
    )
    table = TextTable(
        feed, columns, [pa.array(["1"] * len(deliverer))] * len(columns), ["text"] * len(columns),
        {name: position for position, name in enumerate(columns)}, deliverer, np.arange(len(deliverer)), None, None,
    )  # fmt: skip
    when = {name: np.full(len(deliverer), np.datetime64("2025-03-05T08:30:00")) for name in columns}
    month = CalendarMonth(0, np.datetime64("2025-03", "M"))
    spoilt = spoil(seed, month, "vendor_a", table, when, STYLES["vendor_a"], "text")
    lost, broken = spoilt.lost, np.concatenate([spoilt.ragged, spoilt.unclosed])
    share = {who: int((deliverer[lost] == who).sum()) for who in sizes}
    assert len(set(lost.tolist())) == len(lost) > 0
    assert {
        who: n for who, n in share.items() if n > max(20, sizes[who] * 0.05) or n > sizes[who] * 0.9
    } == {}
    assert {
        who: n for who in sizes if (n := int((deliverer[broken] == who).sum())) > max(5, sizes[who] * 0.01)
    } == {}


@pytest.fixture(scope="module")
def log(spoilt):
    return spoilt.truth("defect.csv")


def test_a_clean_county_has_no_defects(clean):
    assert clean.truth("defect.csv") == []


def test_all_kinds_occur_and_ids_are_unique(log):
    assert {entry["rule_id"] for entry in log} >= EXPECTED_RULES
    assert len({entry["anomaly_id"] for entry in log}) == len(log)
    places = Counter(
        (e["feed"], e["file"], e["month"], e["line"])
        for e in log
        if e["disposition"] in ("quarantined", "duplicate")
    )
    assert set(places.values()) == {1}


def test_spoilt_cells_are_spoilt_where_the_log_says(spoilt, log):
    fixed = {(d.feed, d.gate_rule, d.disposition): [] for d in DAMAGES}
    for damage in DAMAGES:
        fixed[damage.feed, damage.gate_rule, damage.disposition].append(damage)
    cache, seen = {}, Counter()
    for entry in log:
        if entry["disposition"] != "quarantined" or entry["gate_rule"] == "RAGGED_ROW":
            continue
        row = row_of(spoilt, entry, cache)
        candidates = fixed[entry["feed"], entry["gate_rule"], "quarantined"]
        cells = [(d.value, row[header_of(entry, d.column)]) for d in candidates if header_of(entry, d.column)]
        assert any(value == cell for value, cell in cells), (entry, cells)
        seen[entry["gate_rule"]] += 1
    assert len(seen) >= 5


def test_duplicates_repeat_an_earlier_line(spoilt, log):
    entries = [
        e
        for e in log
        if e["disposition"] == "duplicate" and sheet_of(e) is None and spoilt.has_header(e["file"])
    ]
    assert len(entries) > 50
    for entry in entries:
        lines = spoilt.lines(entry["file"])
        position = int(entry["line"]) - 1
        assert lines[position] in lines[:position]


def test_duplicates_are_about_one_per_cent(spoilt, log):
    """Of the feeds with the most rows."""
    names = ("YB_INSU", "FYMX")
    listed = [
        int(row["rows"])
        for deliverer, vendor in LAYOUT.mapping_of.items()
        for month in ("2025-02", "2025-03")
        if vendor != "vendor_f"
        for row in spoilt.rows(f"{deliverer}/{month}/control.csv")
        if any(name in row["file"] for name in names)
    ]
    doubled = sum(e["disposition"] == "duplicate" and any(n in e["file"] for n in names) for e in log)
    assert 0.005 < doubled / sum(listed) < 0.02


def test_ragged_lines_lack_columns_and_no_others_do(spoilt, log):
    ragged = {(e["file"], int(e["line"])) for e in log if e["gate_rule"] == "RAGGED_ROW"}
    assert ragged
    for file in sorted({file for file, _ in ragged}):
        lines = spoilt.lines(file)
        mark = spoilt.style(file).delimiter
        columns = lines[0].count(mark)
        if any(line.startswith('"') is False and '"' in line for line in lines):
            continue
        short = {n for n, line in enumerate(lines, start=1) if line.count(mark) != columns or line[0] == '"'}
        assert short == {line for where, line in ragged if where == file}


def test_no_ragged_damage_where_money_is_controlled():
    assert {d.feed for d in DAMAGES if d.column == RAGGED} <= {
        "his_op_visit",
        "his_satisfaction",
        "his_referral",
    }


def test_corrections_come_again_a_month_later_with_a_newer_time(spoilt, log):
    late = [e for e in log if e["rule_id"] == "V16" and e["feed"] == "his_ip_stay"]
    assert late
    cache: dict = {}
    for entry in late:
        assert entry["month"] == "2025-03"
        mended = row_of(spoilt, entry, cache)
        visit, known = header_of(entry, "visit_id"), header_of(entry, "src_update_ts")
        before = entry["file"].replace("2025-03", "2025-02").replace("202503", "202502")
        told = delivered(spoilt, before, sheet_of(entry), "2025-02")
        earlier = [row for row in told if row[visit] == mended[visit]]
        assert len(earlier) == 1
        assert moment(earlier[0][known]) < moment(mended[known])


def test_refunds_point_at_a_line_of_the_file(spoilt, log):
    refunds = [e for e in log if e["rule_id"] == "V13" and e["institution_id"] == "H34062100001"]
    assert refunds
    file = refunds[0]["file"]
    rows = spoilt.rows(file)
    known = {row["FYLSH"]: row for row in rows}
    for entry in (e for e in refunds if e["file"] == file):
        row = rows[int(entry["line"]) - 2]
        assert row["JE"].startswith("-")
        assert known[row["CXLSH"]]["ZT"] == "2"
        assert known[row["CXLSH"]]["JE"] == row["JE"][1:]


def test_wrong_cards_leave_the_person_linkable_by_insurance(spoilt, log):
    cache: dict = {}
    for entry in log:
        if entry["feed"] == "his_patient" and entry["gate_rule"] in ("ID_CARD_INVALID", "ID_CARD_NOT_OWN"):
            assert row_of(spoilt, entry, cache)[header_of(entry, "insu_no")]


def test_the_file_saved_by_hand_is_not_utf8(spoilt, log):
    entry = next(e for e in log if e["rule_id"] == "V04")
    data = (spoilt.folder / "inbox" / entry["file"]).read_bytes()
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    assert "�" not in data.decode("gb18030")
