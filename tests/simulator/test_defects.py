"""Every line of the defect log stands where it says and looks as it says; without defects there is none."""

from collections import Counter

import pytest

from sources.simulator.defects import DAMAGES, RAGGED
from sources.simulator.layout import DEMO, load_layout
from tests.simulator.test_rendering import mapping

EXPECTED_RULES = {
    "V04",
    "V05",
    "V06",
    "V07",
    "V09",
    "V10",
    "V11",
    "V12",
    "V13",
    "V14",
    "V16",
    "V18",
    "V23",
    "V27",
    "V30",
    "V33",
    "V34",
}


def header_of(entry: dict[str, str], column: str) -> str | None:
    vendor = mapping(load_layout(DEMO).mapping_of[entry["institution_id"]])
    source = vendor.plan(entry["feed"]).columns.get(column)
    return source.from_[0] if source and len(source.from_) == 1 else None


def sheet_of(entry: dict[str, str]) -> str | None:
    return mapping(load_layout(DEMO).mapping_of[entry["institution_id"]]).feeds[entry["feed"]].sheet


def row_of(county, entry: dict[str, str], cache: dict) -> dict[str, str]:
    key = (entry["file"], entry["feed"])
    if key not in cache:
        cache[key] = county.rows(entry["file"], sheet_of(entry))
    return cache[key][int(entry["line"]) - 2]


@pytest.fixture(scope="module")
def log(spoilt):
    return spoilt.truth("defect.csv")


def test_a_clean_county_has_no_defects(clean):
    assert clean.truth("defect.csv") == []


def test_all_kinds_occur_and_ids_are_unique(log):
    assert {entry["rule_id"] for entry in log} >= EXPECTED_RULES
    assert len({entry["anomaly_id"] for entry in log}) == len(log)
    places = Counter(
        (e["feed"], e["file"], e["line"]) for e in log if e["disposition"] in ("quarantined", "duplicate")
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
    cache: dict[str, list[str]] = {}
    entries = [e for e in log if e["disposition"] == "duplicate" and sheet_of(e) is None]
    assert len(entries) > 50
    for entry in entries:
        lines = cache.setdefault(entry["file"], spoilt.lines(entry["file"]))
        position = int(entry["line"]) - 1
        assert lines[position] in lines[:position]


def test_duplicates_are_about_one_per_cent(spoilt, log):
    delivered = sum(
        int(row["rows"])
        for deliverer in load_layout(DEMO).mapping_of
        for month in ("2025-02", "2025-03")
        for row in spoilt.rows(f"{deliverer}/{month}/control.csv")
        if "YB_INSU" in row["file"] or "FYMX" in row["file"]
    )
    doubled = sum(
        e["feed"] in ("si_insured", "his_fee_detail") and e["disposition"] == "duplicate" for e in log
    )
    assert 0.005 < doubled / delivered < 0.02


def test_ragged_lines_lack_columns_and_no_others_do(spoilt, log):
    ragged = {(e["file"], int(e["line"])) for e in log if e["gate_rule"] == "RAGGED_ROW"}
    assert ragged
    for file in sorted({file for file, _ in ragged}):
        lines = spoilt.lines(file)
        columns = lines[0].count(",")
        if any('"' in line for line in lines):
            continue
        short = {number for number, line in enumerate(lines, start=1) if line.count(",") != columns}
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
        assert "/2025-03/" in entry["file"]
        mended = row_of(spoilt, entry, cache)
        visit, known = header_of(entry, "visit_id"), header_of(entry, "src_update_ts")
        before = {"file": entry["file"].replace("2025-03", "2025-02").replace("202503", "202502")}
        earlier = [r for r in spoilt.rows(before["file"], sheet_of(entry)) if r[visit] == mended[visit]]
        assert len(earlier) == 1
        assert earlier[0][known] < mended[known]


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
