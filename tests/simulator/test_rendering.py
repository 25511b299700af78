"""Files are what the mapping says: headers, dictionaries, units, wide sheets, encodings, control totals."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from sources.mappings.plan import plan_of
from sources.simulator.delivered.spelling import Spelling
from sources.simulator.ground.arrays import running_number
from sources.simulator.ground.styles import STYLES
from sources.simulator.ground.text import identifier, scaled
from tests.simulator.conftest import LAYOUT, mapping

LEAD, ENGLISH, EXCEL = "H34062100001", "H34062100102", "H34062100103"


@pytest.mark.parametrize("deliverer", sorted(LAYOUT.mapping_of))
def test_headers_are_those_of_the_mapping_and_text_reads_in_the_declared_encoding(clean, deliverer):
    vendor = mapping(LAYOUT.mapping_of[deliverer])
    for feed, wanted in vendor.feeds.items():
        if wanted.is_database or wanted.sheet or not clean.has_header(wanted.file):
            continue
        plan = plan_of(vendor, feed)
        name = wanted.file.replace("{institution}", deliverer).replace("{month}", "2025-03")
        header = clean.lines(name.replace("{yyyymm}", "202503").replace("*", ""))[0]
        assert set(header.split(clean.style(name).delimiter)) == set(plan.used_headers) | set(
            plan.ignored_headers
        )


def test_the_pinyin_vendor_writes_gbk_and_splits_date_and_hour(clean):
    data = (clean.folder / "inbox" / LEAD / "2025-03" / "ZYDJ_202503.csv").read_bytes()
    assert b"\r\n" in data
    row = clean.rows(f"{LEAD}/2025-03/ZYDJ_202503.csv")[0]
    assert len(row["RYSJ"]) == 8
    assert 0 <= int(row["RYSJS"]) <= 23
    names = (clean.folder / "inbox" / LEAD / "2025-03" / "HZDA_202503.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        names.decode("utf-8")
    assert {r["XB"] for r in clean.rows(f"{LEAD}/2025-03/HZDA_202503.csv")} == {"男", "女"}


def test_the_front_page_tells_diagnoses_side_by_side(clean):
    rows = clean.rows(f"{LEAD}/2025-03/BAZD_202503.csv")
    assert all(row["JBDM"] for row in rows)
    assert any(row["JBDM1"] for row in rows)
    assert len({row["ZYLSH"] for row in rows}) == len(rows)


def test_local_institution_codes_and_codes_of_sex_run_backwards_through_the_dictionary(clean):
    rows = clean.rows(f"{ENGLISH}/2025-02/patient_202502.csv")
    assert {row["hosp_id"] for row in rows} <= {"SH12", "SH12V03", "SH12V04"}
    by_card = {row["sex"]: int(row["cert_no"][16]) % 2 for row in rows}
    assert by_card == {"0": 1, "1": 0}


def test_workbooks_hold_serial_dates_as_numbers(clean):
    rows = clean.rows(f"{EXCEL}/2025-03/上报_202503.xlsx", "门诊就诊")
    first = float(rows[0]["就诊时间"])
    assert 45_717 <= first < 45_748
    assert rows[0]["机构"] in set(LAYOUT.names)


def test_money_units_differ_and_agree(clean):
    """The same prescription fees in yuan with two decimals, in fen, and settlements in yuan with four."""
    assert "." in clean.rows(f"{LEAD}/2025-03/CFZB_202503.csv")[0]["CFJE"]
    assert "." not in clean.rows(f"{ENGLISH}/2025-03/prescription_202503.csv")[0]["rx_amt"]
    paid = clean.rows("SI340621/2025-03/YB_SETL_202503.txt")[0]
    assert len(paid["medfee_sumamt"].split(".")[1]) == 4
    beyond = clean.rows("SI340621/2025-03/YB_OUTSETL_202503.txt")[0]
    assert len(beyond["medfee_sumamt"].split(".")[1]) == 6


def test_settlements_add_up(clean):
    for row in clean.rows("SI340621/2025-03/YB_SETL_202503.txt"):
        total, fund, own = (
            Decimal(row[name]) for name in ("medfee_sumamt", "fund_pay_sumamt", "psn_part_amt")
        )
        assert total == fund + own
        assert own == Decimal(row["acct_pay"]) + Decimal(row["psn_cash_pay"])
        assert (total < 0) == (row["refd_setl_flag"] == "1")


@pytest.mark.parametrize("county", ["clean", "spoilt"])
def test_control_totals_are_those_of_the_files(county, request):
    county = request.getfixturevalue(county)
    money = {"CFZB": "CFJE", "FYMX": "JE", "JYBG": "JE"}
    for entry in county.rows(f"{LEAD}/2025-03/control.csv"):
        lines = county.lines(entry["file"])
        assert int(entry["rows"]) == len(lines) - 1
        stem = entry["file"].rsplit("/", 1)[1][:4]
        if stem in money:
            amounts = [
                Decimal(row[money[stem]].translate({c + 0xFEE0: c for c in b"0123456789."}))
                for row in county.rows(entry["file"])
            ]
            assert Decimal(entry["amount_yuan"]) == sum(amounts)


def test_spelling_of_dates():
    day = np.array(["2025-03-01", "NaT", "9999-12-31"], "datetime64[D]")
    time = np.array(["2025-03-01T08:30:00", "NaT"], "datetime64[s]")
    assert Spelling(STYLES["vendor_a"]).dates(day).to_pylist() == ["20250301", None, "99991231"]
    assert Spelling(STYLES["public_health"]).dates(day).to_pylist()[0] == "2025年3月1日"
    assert Spelling(STYLES["vendor_b"]).datetimes(time).to_pylist() == ["2025/03/01 08:30:00", None]
    serial = Spelling(STYLES["vendor_c"]).datetimes(time).to_pylist()[0]
    assert round((float(serial) - 45_717) * 86_400) == 8 * 3_600 + 1_800
    old = np.array(["1950-01-01"], "datetime64[D]")
    assert Spelling(STYLES["vendor_c"]).dates(old).to_pylist() == ["1950-01-01"], (
        "18264 would not be read as a date"
    )


def test_text_helpers():
    assert identifier("MZ", np.array([2503000001, -1]), 10).to_pylist() == ["MZ2503000001", None]
    assert scaled(np.array([1234, -5, 0]), 2).to_pylist() == ["12.34", "-0.05", "0.00"]
    assert scaled(np.array([7]), 0).to_pylist() == ["7"]
    assert running_number(np.array([1, 0, 1, 1]), 2).tolist() == [0, 0, 1, 2]
    assert pa.types.is_string(identifier("", np.array([1]), 3).type)
