"""Ingest is idempotent, replays, forgets withdrawn refusals, and survives being killed anywhere."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sources.base.home import Home
from sources.contracts.contract import load_contracts
from sources.county.county import County, CountyError
from sources.ingest import (
    find_deliveries,
    ingest_feed,
    prepare,
    replay,
    unclaimed_files,
    waiting_deliveries,
)
from sources.intake.landing import KeyMismatchError
from sources.intake.outcome import BATCH_SCHEMA, RULE_SCHEMA, read_batch_outcome
from tests.sources.making import (
    HOSPITAL,
    MONTH,
    TOWNSHIP,
    VENDOR,
    conformed,
    deliver,
    quarantined,
    read_all,
    visit,
    visits,
)

FEED = "his_op_visit"
VISITS = f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv"


def tree(folder: Path) -> dict[str, str]:
    """Hash of every file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_outcomes_and_files_of_a_batch(county: County, home: Home) -> None:
    path = deliver(county, VISITS, visits(visit(1), visit(2), visit(2), visit(3, ZT="7")))
    (outcome,) = ingest_feed(county, home, FEED, [MONTH])
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    batch_id = hashlib.sha256(f"{FEED}|{TOWNSHIP}|{MONTH}|{sha256}|".encode()).hexdigest()[:16]
    assert (outcome.batch_id, outcome.source_sha256, outcome.landed) == (batch_id, sha256, "new")
    assert outcome.first_landed_at == datetime(2025, 4, 8, 10), "the file's own time, in Shanghai"
    place = f"{FEED}/institution_id={TOWNSHIP}/month={MONTH}"
    assert (home.landing / place / batch_id / "manifest.json").is_file()
    kept = pq.ParquetFile(home.batch_outcome / f"{batch_id}.parquet").read()
    assert kept.schema.remove_metadata() == BATCH_SCHEMA
    assert kept.to_pylist()[0]["accepted_rows"] == 2
    assert read_all(home.rule_outcome).schema.names == RULE_SCHEMA.names
    schema = pq.read_schema(home.conformed / place / f"{batch_id}.parquet")
    assert schema.remove_metadata() == load_contracts()[FEED].arrow_schema().remove_metadata()
    row = conformed(home, FEED)[0]
    assert (row["source_batch_id"], row["source_file"], row["source_line"]) == (batch_id, VISITS, 2)


def test_the_same_delivery_again_changes_nothing(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1)))
    ingest_feed(county, home, FEED, [MONTH])
    before = tree(home.root)
    (outcome,) = ingest_feed(county, home, FEED, [MONTH])
    assert (outcome.landed, outcome.accepted_rows) == ("unchanged", 1)
    assert tree(home.root) == before


def test_the_same_bytes_under_two_names_are_one_batch(county: County, home: Home) -> None:
    for name in ("", "_again"):
        deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503{name}.csv", visits(visit(1)))
    first, second = ingest_feed(county, home, FEED, [MONTH])
    assert first.batch_id == second.batch_id
    assert (first.landed, second.landed) == ("new", "unchanged")
    assert len(conformed(home, FEED)) == 1


def test_a_second_file_of_the_month_is_a_batch_of_its_own(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1)))
    ingest_feed(county, home, FEED, [MONTH])
    deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503_2.csv", visits(visit(1), visit(2)))
    assert [outcome.landed for outcome in ingest_feed(county, home, FEED, [MONTH])] == ["unchanged", "new"]
    assert len(conformed(home, FEED)) == 3, "history stays; the warehouse takes the newest"


def test_the_same_deliveries_give_the_same_conformed_bytes(county: County, tmp_path: Path) -> None:
    deliver(county, VISITS, visits(*(visit(n) for n in range(1, 200)), visit(5), "x"))
    trees = []
    for name in ("one", "two"):
        home = Home(tmp_path / name)
        prepare(county, home, [MONTH])
        ingest_feed(county, home, FEED, [MONTH])
        trees.append({**tree(home.conformed), **tree(home.quarantine)})
    assert trees[0] == trees[1]


def test_batches_conformed_together_or_alone_are_the_same(county: County, tmp_path: Path) -> None:
    for month in ("2025-02", "2025-03"):
        for org in (TOWNSHIP, HOSPITAL):
            name = f"{org}/{month}/MZJZ_{month.replace('-', '')}.csv"
            deliver(
                county,
                name,
                visits(visit(1, JGDM=org, JZSJ=f"{month}-03"), visit(2, JGDM=org, JZSJ="2025-04-30")),
            )
    together, alone = Home(tmp_path / "together"), Home(tmp_path / "alone")
    ingest_feed(county, together, FEED, ["2025-02", "2025-03"])
    for month in ("2025-02", "2025-03"):
        for org in (TOWNSHIP, HOSPITAL):
            ingest_feed(county, alone, FEED, [month], [org])
    assert tree(together.conformed) == tree(alone.conformed)
    assert len(conformed(together, FEED)) == 6, "the end of the event window moves with the month"


def test_only_the_asked_months_and_institutions_are_taken(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1)))
    deliver(county, f"{HOSPITAL}/{MONTH}/MZJZ_202503.csv", visits(visit(1, JGDM=HOSPITAL)))
    deliver(county, f"{TOWNSHIP}/2025-02/MZJZ_202502.csv", visits(visit(1)))
    assert [o.institution_id for o in ingest_feed(county, home, FEED, [MONTH], [HOSPITAL])] == [HOSPITAL]
    assert {(d.institution_id, d.month) for d in waiting_deliveries(county, home, [MONTH])} == {
        (TOWNSHIP, "2025-02")
    }
    ingest_feed(county, home, FEED, ["2025-02"])
    assert waiting_deliveries(county, home, [MONTH]) == []


def test_files_that_nobody_claims_are_named(county: County) -> None:
    deliver(county, VISITS, visits())
    for name in ("MZJZ_202502.csv", "新报表.csv", "control.csv", ".hidden", "~$open.xlsx", "upload.csv.part"):
        deliver(county, f"{TOWNSHIP}/{MONTH}/{name}", "x")
    deliver(county, "H99999999999/2025-03/MZJZ_202503.csv", "x")
    assert unclaimed_files(county) == [
        f"{TOWNSHIP}/{MONTH}/MZJZ_202502.csv",
        f"{TOWNSHIP}/{MONTH}/新报表.csv",
        "H99999999999/2025-03/MZJZ_202503.csv",
    ]
    assert unclaimed_files(county, ["2025-02"]) == []


def test_deliveries_are_told_from_their_paths(county: County) -> None:
    deliver(county, VISITS, visits())
    (delivery,) = find_deliveries(county)
    assert (delivery.feed, delivery.institution_id, delivery.month, delivery.mapping) == (
        FEED,
        TOWNSHIP,
        MONTH,
        "vendor",
    )
    assert delivery.modified_at == datetime(2025, 4, 8, 10)


# -- mending


def reload_with(county: County, old: str, new: str) -> County:
    (county.folder / "mappings" / "vendor.yml").write_text(VENDOR.replace(old, new), encoding="utf-8")
    return County.load(county.folder)


def test_a_mended_mapping_turns_quarantined_rows_into_accepted_ones(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1, XH="1", JZLX="门诊")))
    ingest_feed(county, home, FEED, [MONTH])
    assert quarantined(home) == [(2, "VALUE_NOT_IN_SET", "visit_type")]
    text = VENDOR.replace("visit_type: JZLX", "visit_type: {from: JZLX, dictionary: kind}")
    text = text.replace("dictionaries:\n", "dictionaries:\n  kind: {门诊: 1}\n")
    (county.folder / "mappings" / "vendor.yml").write_text(text, encoding="utf-8")
    mended = County.load(county.folder)
    (county.inbox / VISITS).unlink()
    (outcome,) = replay(mended, home, feed=FEED, institution=TOWNSHIP, month=MONTH)
    assert (outcome.accepted_rows, outcome.quarantined_rows, outcome.landed) == (1, 0, "unchanged")
    assert outcome.mapping_sha256 == mended.mappings["vendor"].sha256
    assert quarantined(home) == []


def test_a_changed_mapping_is_noticed_without_being_asked(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1)))
    ingest_feed(county, home, FEED, [MONTH])
    ingest_feed(reload_with(county, "ignore: [XH]", "ignore: []"), home, FEED, [MONTH])
    assert [r["rule_id"] for r in read_all(home.rule_outcome).to_pylist()] == ["UNMAPPED_COLUMN"]


def test_a_changed_mapping_of_another_feed_costs_nothing(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1)))
    ingest_feed(county, home, FEED, [MONTH])
    before = tree(home.root)
    ingest_feed(reload_with(county, "report_id: 报告号", "report_id: 报告编号"), home, FEED, [MONTH])
    assert tree(home.root) == before


def test_full_conforms_again_to_the_same_bytes(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1), visit(2, ZT="x")))
    ingest_feed(county, home, FEED, [MONTH])
    before = tree(home.conformed)
    path = next((home.conformed / FEED).rglob("*.parquet"))
    path.unlink()
    ingest_feed(county, home, FEED, [MONTH], full=True)
    assert tree(home.conformed) == before


def test_a_lost_conformed_file_is_made_again(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1)))
    ingest_feed(county, home, FEED, [MONTH])
    next((home.conformed / FEED).rglob("*.parquet")).unlink()
    ingest_feed(county, home, FEED, [MONTH])
    assert len(conformed(home, FEED)) == 1


def test_a_mapping_that_loses_a_required_header_refuses_the_landed_batch(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1)))
    ingest_feed(county, home, FEED, [MONTH])
    broken = reload_with(county, "visit_time: JZSJ\n", "visit_time: JZRQ\n")
    (outcome,) = replay(broken, home, feed=FEED)
    assert outcome.refusal.code == "MISSING_COLUMN"
    assert conformed(home, FEED) == [], "half of it must not stay"
    (outcome,) = replay(reload_with(county, "", ""), home, feed=FEED)
    assert outcome.status == "conformed"
    assert not list(home.refused.glob("*.json"))


def test_a_feed_whose_mapping_is_gone_is_refused_on_replay(county: County, home: Home) -> None:
    deliver(county, VISITS, visits(visit(1)))
    ingest_feed(county, home, FEED, [MONTH])
    start, end = VENDOR.index("  his_op_visit:"), VENDOR.index("  his_ip_stay:")
    (county.folder / "mappings" / "vendor.yml").write_text(VENDOR[:start] + VENDOR[end:], encoding="utf-8")
    (outcome,) = replay(County.load(county.folder), home)
    assert outcome.refusal.code == "NO_MAPPING"


def test_a_refusal_is_forgotten_when_the_file_is_replaced(county: County, home: Home) -> None:
    deliver(county, VISITS, "wrong\n1\n")
    (outcome,) = ingest_feed(county, home, FEED, [MONTH])
    kept = json.loads((home.refused / f"{outcome.batch_id}.json").read_text(encoding="utf-8"))
    assert (kept["code"], kept["file"], kept["month"]) == ("HEADER_NOT_RECOGNISED", VISITS, MONTH)
    assert kept["message_zh"] and kept["message_en"]
    assert read_all(home.batch_outcome).to_pylist()[0]["status"] == "refused"
    deliver(county, VISITS, visits(visit(1)))
    ingest_feed(county, home, FEED, [MONTH])
    assert [row["status"] for row in read_all(home.batch_outcome).to_pylist()] == ["conformed"]
    assert not list(home.refused.glob("*.json"))


def test_a_refused_file_is_tried_again_and_taken_when_the_mapping_is_mended(
    county: County, home: Home
) -> None:
    deliver(county, VISITS, visits(visit(1)).replace("JZSJ", "JZRQ"))
    assert ingest_feed(county, home, FEED, [MONTH])[0].status == "refused"
    mended = reload_with(county, "visit_time: JZSJ\n", "visit_time: JZRQ\n")
    assert ingest_feed(mended, home, FEED, [MONTH])[0].status == "conformed"
    assert not list(home.refused.glob("*.json"))


# -- keys


def test_another_key_is_refused(county: County, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(county, VISITS, visits(visit(1)))
    ingest_feed(county, home, FEED, [MONTH])
    monkeypatch.setenv("YIGONGTI_PSEUDONYM_KEY", "another secret, long enough to be one")
    with pytest.raises(KeyMismatchError):
        ingest_feed(county, home, FEED, [MONTH])


def test_a_real_county_needs_its_key(county: County, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("YIGONGTI_PSEUDONYM_KEY", raising=False)
    path = county.folder / "county.yml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("simulated: true", "simulated: false"), encoding="utf-8"
    )
    with pytest.raises(CountyError, match="YIGONGTI_PSEUDONYM_KEY"):
        ingest_feed(County.load(county.folder), home, FEED, [MONTH])


# -- killed


STEPS = {
    "rows written, manifest not": ("sources.intake.landing.json", "dumps", 2),
    "batch complete, not yet in its place": ("pathlib.Path", "rename", 1),
    "landed, not conformed": ("sources.intake.groups.Judging", "finish", 1),
    "conformed rows half written": ("pathlib.Path", "replace", 2),
    "quarantine half written": ("pathlib.Path", "replace", 3),
    "rule outcome half written": ("pathlib.Path", "replace", 4),
    "batch outcome half written": ("pathlib.Path", "replace", 5),
}
KILLED_RUN = """
import importlib, os, signal, sys
from pathlib import Path
from sources.county.county import County
from sources.base.home import Home
from sources.ingest import ingest_feed
place, name, nth, county, home = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5]
module, _, attribute = place.rpartition(".")
target = getattr(importlib.import_module(module), attribute)
original, calls = getattr(target, name), []
def killer(*args, **kwargs):
    calls.append(1)
    if len(calls) == nth:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*args, **kwargs)
setattr(target, name, killer)
ingest_feed(County.load(county), Home(Path(home)), "his_op_visit", ["2025-03"])
"""


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_nothing_is_half_there_and_a_rerun_finishes(
    county: County, tmp_path: Path, step: str
) -> None:
    deliver(county, VISITS, visits(visit(1), visit(2), visit(2), visit(3, ZT="7"), "x"))
    killed, whole = Home(tmp_path / "killed"), Home(tmp_path / "whole")
    place, name, nth = STEPS[step]
    command = [sys.executable, "-c", KILLED_RUN, place, name, str(nth), str(county.folder), str(killed.root)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=Path.cwd(), env=os.environ, check=False
    )
    assert done.returncode == -9, done.stderr
    for path in killed.root.rglob("*.parquet"):
        if "landing" not in path.parts and not path.name.startswith(".tmp-"):
            assert pq.ParquetFile(path).read().num_rows >= 0
    for path in killed.landing.glob("*/*/*/*"):
        if not path.name.startswith(".tmp-"):
            assert {item.name for item in path.iterdir()} == {"rows.parquet", "manifest.json"}
    assert not list(killed.batch_outcome.glob("[0-9a-f]*.parquet")), (
        "an outcome says that everything is there"
    )
    for home in (killed, whole):
        ingest_feed(county, home, FEED, [MONTH])
    visible = {name: digest for name, digest in tree(killed.root).items() if "/.tmp-" not in name}
    assert {n: d for n, d in visible.items() if "rows.parquet" not in n} == {
        n: d for n, d in tree(whole.root).items() if "rows.parquet" not in n
    }
    leftovers = [path for path in killed.root.rglob(".tmp-*") if FEED in path.parts]
    assert leftovers == [], "what the killed run left of the rows is swept away"


# -- what the warehouse reads besides


def test_prepare_writes_what_the_warehouse_reads(county: County, home: Home) -> None:
    prepare(county, home, ["2025-02", "2025-03"])
    institutions = pq.ParquetFile(home.county / "institution.parquet").read().to_pylist()
    assert institutions[2] == {
        "institution_id": "H34062101001", "institution_name": "村卫生室", "tier": "village",
        "parent_id": TOWNSHIP, "alliance_id": "YGT01", "alliance_name": "第一医共体", "peer_group": "village",
        "urban_rural": "2", "delivered_by": TOWNSHIP,
    }  # fmt: skip
    expected = pq.ParquetFile(home.county / "expected_delivery.parquet").read().to_pylist()
    assert {"feed": "si_insured", "institution_id": "SI340621"} in expected
    months = pq.ParquetFile(home.run_month).read().to_pylist()
    assert [(row["month"], row["in_scope"]) for row in months] == [
        ("2025-01", False), ("2025-02", True), ("2025-03", True),
    ]  # fmt: skip
    prepare(county, home, ["2025-01"], published=["2025-01", "2025-02"])
    months = pq.ParquetFile(home.run_month).read().to_pylist()
    assert [(row["month"], row["in_scope"]) for row in months] == [("2025-01", True), ("2025-02", False)]
    for feed, contract in load_contracts().items():
        schema = pq.read_schema(home.conformed_schema(feed))
        assert schema.names == contract.arrow_schema().names
    target = pq.ParquetFile(home.policy / "kpi_target.parquet").read().to_pylist()[0]
    assert (target["institution_tier"], str(target["target"]), target["assumption"]) == (None, "90.000000", 1)
    assert pq.ParquetFile(home.policy / "waiver.parquet").read().num_rows == 0


def test_the_file_that_gives_outcomes_their_columns_is_no_outcome(county: County, home: Home) -> None:
    prepare(county, home, ["2025-02"])
    names = [path.stem for path in home.batch_outcome.glob("*.parquet")]
    assert names == ["schema"]
    assert read_batch_outcome(home, "schema") is None
