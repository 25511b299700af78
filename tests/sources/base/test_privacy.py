"""Nothing personal leaves this room: not as data, not as an example, not in an error."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.base.engine import ask
from sources.base.home import Home
from sources.base.privacy import Pseudonymiser, derived_key, key_check, mask, message, pseudonym
from sources.conforming.batch import Conformer
from sources.conforming.sorting import ConformingError
from sources.county.county import DEMONSTRATION_KEY, County
from sources.identity.index import build_person_index
from sources.ingest import ingest_feed
from sources.intake.landing import Landing
from sources.intake.manifest import read_manifest
from sources.onboarding.trial import check_delivery
from tests.sources.making import MONTH, TOWNSHIP, conformed, deliver, make_county, rules, visit, visits

NAME, CARD, PHONE, ADDRESS = "欧阳秀英", "11010519491231002X", "13912345678", "某镇某村七组"
INSURANCE, PATIENT = "34000000000123456789", "P0098765"
PERSONAL = [NAME, CARD, CARD[:-1], "110105491231002", PHONE, ADDRESS, INSURANCE, PATIENT, "1949-12-31"]


def test_pseudonyms_are_hmac_sha256() -> None:
    expected = hmac.new(b"key", b"patient|H1|P1", hashlib.sha256).hexdigest()[:32]
    assert pseudonym(b"key", "patient", "H1", "P1") == expected


@given(
    st.binary(min_size=1, max_size=200), st.lists(st.one_of(st.none(), st.text(max_size=100)), max_size=20)
)
def test_a_column_of_pseudonyms_equals_one_by_one(key: bytes, texts: list[str | None]) -> None:
    values = [None if text is None else text.encode("utf-8", "ignore").decode() for text in texts]
    column = pa.chunked_array(
        [pa.array([None if v is None else message("n", "s", v) for v in values], pa.string())]
    )
    one_by_one = [None if v is None else pseudonym(key, "n", "s", v) for v in values]
    assert Pseudonymiser(key).column(column).to_pylist() == one_by_one


def test_conformed_keys_are_the_documented_pseudonyms(county: County, home: Home) -> None:
    header = "JGDM,HZBH,XM,ZJLX,ZJHM,XB,CSRQ,MZ,LXDH,YBBH"
    line = ",".join([TOWNSHIP, PATIENT, NAME, "01", CARD, "女", "1949-12-31", "01", PHONE, INSURANCE])
    deliver(county, f"{TOWNSHIP}/{MONTH}/HZ_202503.csv", f"{header}\n{line}\n")
    ingest_feed(county, home, "his_patient", [MONTH])
    row = conformed(home, "his_patient")[0]
    assert row["patient_key"] == pseudonym(DEMONSTRATION_KEY, "patient", TOWNSHIP, PATIENT)
    assert row["id_card_key"] == pseudonym(DEMONSTRATION_KEY, "id_card", "", CARD)
    assert row["insurance_key"] == pseudonym(DEMONSTRATION_KEY, "insurance", "", INSURANCE)


def deliver_everything(county: County) -> None:
    """A patient well delivered, and one in every way that goes wrong, with columns shifted into each other."""
    header = "JGDM,HZBH,XM,ZJLX,ZJHM,XB,CSRQ,MZ,LXDH,YBBH"
    good = [TOWNSHIP, PATIENT, NAME, "01", CARD, "女", "1949-12-31", "01", PHONE, INSURANCE]
    lines = [",".join(good), ",".join(good[:-1]), ",".join(["", *good[:-1]])]
    lines += [",".join(good[shift:] + good[:shift]) for shift in range(1, len(good))]
    lines += [",".join([*good[:position], value, *good[position + 1 :]]) for position, value in
              ((0, NAME), (3, NAME), (4, PHONE), (5, CARD), (6, NAME), (7, PHONE), (9, NAME * 10))]  # fmt: skip
    deliver(county, f"{TOWNSHIP}/{MONTH}/HZ_202503.csv", "\n".join([header, *lines]) + "\n", "gb18030")
    swapped = [
        visit(1, HZBH=PATIENT, JZSJ=NAME),
        visit(2, JGDM=CARD),
        visit(3, JZLX=PHONE, ZT=NAME),
        visit(4, LGXS=CARD),
    ]
    swapped += [visit(5, KSDM=ADDRESS * 5), visit(6, HZBH=PATIENT, JZSJ="1949-12-31"), f"{NAME},{CARD}"]
    deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv", visits(*swapped), "gb18030")


def everything_readable(folder: Path) -> str:
    """Every text in every file below a folder, as a reader of these files sees it."""
    texts = []
    for path in sorted(item for item in folder.rglob("*") if item.is_file()):
        raw = path.read_bytes()
        texts += [str(path), raw.decode("utf-8", "replace"), raw.decode("gb18030", "replace")]
        is_encrypted = path.name == "rows.parquet" or path.parent.parent.name == "attributes"
        if path.suffix == ".parquet" and not is_encrypted:
            texts.append(json.dumps(pq.ParquetFile(path).read().to_pylist(), ensure_ascii=False, default=str))
    return "\n".join(texts)


def test_nothing_personal_in_any_file_of_the_home(county: County, home: Home) -> None:
    deliver_everything(county)
    for feed in ("his_patient", "his_op_visit"):
        ingest_feed(county, home, feed, [MONTH])
    build_person_index(county, home)
    seen = everything_readable(home.root)
    assert len(list(home.quarantine.rglob("*.parquet"))) == 2
    assert [value for value in PERSONAL if value in seen] == []


def test_nothing_personal_in_a_check_of_the_delivery(county: County) -> None:
    deliver_everything(county)
    said = repr(check_delivery(county, TOWNSHIP, MONTH))
    assert "DATE_INVALID" in said
    assert [value for value in PERSONAL if value in said] == []


def test_nothing_personal_when_a_whole_file_is_refused(county: County, home: Home) -> None:
    deliver_everything(county)
    path = county.inbox / f"{TOWNSHIP}/{MONTH}/HZ_202503.csv"
    path.write_bytes(path.read_bytes().split(b"\n", 1)[1])
    (outcome,) = ingest_feed(county, home, "his_patient", [MONTH])
    assert outcome.status == "refused"
    assert [value for value in PERSONAL if value in everything_readable(home.root) + str(outcome)] == []


def test_an_error_of_the_engine_does_not_quote_the_data(county: County) -> None:
    plan = county.mappings["vendor"].plan("his_op_visit")
    with (
        Conformer(b"k" * 40, county.institution_ids, county.speaks_for, county.settings.dates) as conformer,
        pytest.raises(ConformingError) as raised,
    ):
        conformer._run("select amount::integer from delivered_batch", pa.table({"amount": [NAME]}), plan)
    assert NAME not in str(raised.value)
    assert raised.value.__cause__ is None and raised.value.__suppress_context__


def test_landed_rows_are_encrypted_each_under_its_own_key(county: County, home: Home) -> None:
    deliver_everything(county)
    ingest_feed(county, home, "his_patient", [MONTH])
    (path,) = home.landing.rglob("rows.parquet")
    assert path.read_bytes()[:4] == b"PARE", "an encrypted footer"
    with pytest.raises(duckdb.Error):
        ask("select * from read_parquet(?)", [str(path)])
    manifest = read_manifest(path.parent / "manifest.json")
    (rows,) = Landing(home, DEMONSTRATION_KEY).chunks(manifest)
    assert NAME in rows.column("XM").to_pylist(), "exactly as delivered, for whoever has the key"
    with pytest.raises(OSError):
        next(Landing(home, b"another secret").chunks(manifest))
    assert derived_key(b"s", "landing a") != derived_key(b"s", "landing b")


def test_row_hashes_tell_nothing_without_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = []
    for name, key in (("a", "first key " * 5), ("b", "second key " * 5)):
        monkeypatch.setenv("YIGONGTI_PSEUDONYM_KEY", key)
        county, home = make_county(tmp_path / name / "county"), Home(tmp_path / name / "home")
        deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv", visits(visit(1)))
        ingest_feed(county, home, "his_op_visit", [MONTH])
        hashes.append(conformed(home, "his_op_visit")[0]["row_hash"])
    assert hashes[0] != hashes[1]


def test_masks_keep_the_shape_only() -> None:
    assert mask(pa.array(["欧阳 139-x", None, "a" * 40])).to_pylist() == ["字字 999-A", None, "A" * 24]


def test_a_key_check_does_not_hold_the_key() -> None:
    assert key_check(b"secret") == key_check(b"secret") != key_check(b"other")
    assert b"secret".hex() not in key_check(b"secret")


@pytest.mark.parametrize(
    ("complaint", "kept", "marked"),
    [("头晕三天", "头晕三天", False), ("电话13900001111;头晕", "电话******;头晕", True),
     ("证11010519491231002X/13900001111;15800002222", "证******/******;******", True), ("单号202503011390000111122", "单号202503011390000111122", False)],
)  # fmt: skip
def test_numbers_of_persons_in_free_text_are_covered(
    county: County, home: Home, complaint: str, kept: str, marked: bool
) -> None:
    deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv", visits(visit(1, ZDMC=complaint)))
    ingest_feed(county, home, "his_op_visit", [MONTH])
    (row,) = conformed(home, "his_op_visit")
    assert row["main_diag_name"] == kept
    assert rules(home) == ({("PERSONAL_IN_TEXT", "main_diag_name"): 1} if marked else {})


def test_a_name_where_a_number_belongs_becomes_a_stand_in(county: County, home: Home) -> None:
    lines = [
        visit(n, YSGH=staff)
        for n, staff in enumerate(["王小明", "王小明(1001)", "A01", "王小明", "主任"], start=1)
    ]
    deliver(county, f"{TOWNSHIP}/{MONTH}/MZJZ_202503.csv", visits(*lines))
    ingest_feed(county, home, "his_op_visit", [MONTH])
    staff = [row["staff_id"] for row in conformed(home, "his_op_visit")]
    assert staff[0] == staff[3] != staff[1] and staff[0].startswith("~")
    assert (staff[2], staff[4]) == ("A01", "主任")
    assert rules(home) == {("NAME_FOR_NUMBER", "staff_id"): 3}
    assert "王小明" not in everything_readable(home.root)
