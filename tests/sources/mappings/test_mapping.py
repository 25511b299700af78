"""Mappings claim files by pattern and resolve contract columns to delivered headers."""

from __future__ import annotations

import pytest

from sources.base.likeness import nearest
from sources.county.county import County
from sources.mappings.load import MappingFile
from sources.mappings.mapping import Mapping
from sources.mappings.plan import plan_of

COLUMNS = {"visit_id": "A"}


def mapping(file: str, **more: object) -> Mapping:
    feed = {"file": file, "columns": COLUMNS, **more}
    content = {
        "vendor": "v",
        "name_zh": "某",
        "system": "his",
        "money_unit": "yuan",
        "feeds": {"his_op_diag": feed},
    }
    return Mapping.model_validate(content)


@pytest.mark.parametrize(
    ("file", "path", "claimed"),
    [
        ("{institution}/{month}/A_{yyyymm}*.csv", "H1/2025-03/A_202503_2.csv", True),
        ("{institution}/{month}/A_{yyyymm}*.csv", "H1/2025-03/B_202503.csv", False),
        ("{institution}/{month}/A_{yyyymm}*.csv", "H1/2025-03/sub/A_202503.csv", False),
        ("{institution}/{month}/A.csv", "H1/2025-03/AXcsv", False),
        ("{institution}/{yyyymm}/{institution}_?.csv", "H1/202503/H1_1.csv", True),
        ("{institution}/{yyyymm}/{institution}_?.csv", "H1/202503/H2_1.csv", False),
        ("all/{month}(全).xlsx", "all/2025-03(全).xlsx", True),
    ],
)
def test_patterns(file: str, path: str, claimed: bool) -> None:
    pattern = MappingFile("v", "", mapping(file)).claim_pattern("his_op_diag")
    assert (pattern.fullmatch(path) is not None) is claimed


def test_money_units_go_from_the_column_to_the_feed_to_the_file(county: County) -> None:
    vendor = county.mappings["vendor"]
    assert vendor.plan("his_lab_report").money_unit("amount") == "fen"
    assert vendor.plan("his_fee_detail").money_unit("amount") == "yuan"
    assert county.mappings["platform"].plan("ph_followup_htn").money_unit("any") == "fen"


def test_a_plan_knows_what_it_reads(county: County) -> None:
    plan = county.mappings["vendor"].plan("his_mr_diag")
    assert plan.mapped_columns == {"visit_id", "map_status", "seq", "diag_code", "diag_name"}
    assert plan.headers_of("diag_code") == ("JBDM",)
    assert {"JBDM", "JBDM3", "QTZD3", "ZYLSH"} <= plan.used_headers


def test_the_fingerprint_moves_with_what_matters(county: County) -> None:
    first, same = (
        plan_of(mapping("{month}/A.csv"), "his_op_diag"),
        plan_of(mapping("{month}/A.csv"), "his_op_diag"),
    )
    other = plan_of(mapping("{month}/A.csv", money_unit="fen"), "his_op_diag")
    assert first.fingerprint == same.fingerprint != other.fingerprint


def test_the_nearest_words() -> None:
    assert nearest("visit_tme", ["visit_type", "visit_time", "status"], 1) == "visit_time"
    assert nearest("x", []) == "-"
