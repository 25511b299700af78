"""A case and its money from a release: one case, entries that stand beside what is due now, and what cannot be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.explain.case import explain_case
from orchestration.publishing import manifest
from orchestration.publishing.lineage import CASE_FILES
from orchestration.publishing.walkback import ExplainError
from sources.base.home import Home

MONTH, RELEASE = "2025-03", "2025-03.2"
FIGURES = (
    *("score", "mean_cost_fen", "cost_ratio", "institution_factor", "payment_standard_fen", "personal_fen", "special_result"),
    *("actual_fund_fen", "difference_fen"),
)  # fmt: skip


def settlement(case: str, due: int) -> dict:
    texts = ("method", "insurance", "source_file", "rule_id", "group_code", "deviation")
    return {
        "case_id": case,
        "settlement_id": case.split()[1],
        "source_line": 2,
        "fund_due_fen": due,
        "is_at_ceiling": False,
        **dict.fromkeys(texts, "x"),
        **dict.fromkeys(FIGURES),
    }


def entry(case: str, amount: int, release: str) -> dict:
    return {
        "month": MONTH,
        "account_id": "institution:H1:case_income",
        "counter_account_id": "case_fund:390",
        "amount_fen": amount,
        "is_correction": False,
        "source_relation": "casemix_settlement",
        "source_key": case,
        "release_id": release,
    }


@pytest.fixture
def released(tmp_path: Path) -> Callable[[list[dict], list[dict]], Home]:
    """A home whose only release has these settlements and entries."""

    def make(settlements: list[dict], entries: list[dict]) -> Home:
        home = Home(tmp_path)
        release = home.releases / RELEASE
        for name, rows in (
            ("lineage/" + CASE_FILES["casemix_settlement"](MONTH).removesuffix(".parquet"), settlements),
            ("marts/mart_fund_entry", entries),
        ):
            path = release / f"{name}.parquet"
            path.parent.mkdir(parents=True)
            pq.write_table(pa.Table.from_pylist(rows), path)
        manifest.write(release, {"previous": None})
        home.current.symlink_to(release)
        return home

    return make


def test_what_a_case_is_due_otherwise_than_its_standing_entry_is_a_difference(released) -> None:
    home = released([settlement("H1 s1", 890_000)], [entry("H1 s1", 896_000, "2025-03.1")])
    said = explain_case(home, MONTH, "s1", money=True)
    assert "8,960.00" in said and "-60.00" in said and "correction in the first open month" in said


def test_an_entry_of_this_release_that_differs_is_refused(released) -> None:
    home = released([settlement("H1 s1", 890_000)], [entry("H1 s1", 896_000, RELEASE)])
    with pytest.raises(ExplainError, match="对不上"):
        explain_case(home, MONTH, "s1", money=True)


def test_a_case_as_entered_has_no_difference(released) -> None:
    home = released([settlement("H1 s1", 896_000)], [entry("H1 s1", 896_000, RELEASE)])
    assert "correction" not in explain_case(home, MONTH, "s1", money=True)


def test_an_id_that_two_deliverers_use_is_refused_with_both(released) -> None:
    home = released(
        [settlement("H1 s1", 100), settlement("H2 s1", 200)],
        [entry("H1 s1", 100, RELEASE), entry("H2 s1", 200, RELEASE)],
    )
    with pytest.raises(ExplainError, match="H1 s1、H2 s1"):
        explain_case(home, MONTH, "s1", money=True)
    said = explain_case(home, MONTH, "H2 s1", money=True)
    assert "2.00 元" in said and "1.00 元" not in said
