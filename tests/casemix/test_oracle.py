"""The second grouper by itself: worked examples hold, switches switch, random cases reach every corner.

Not here: the comparison with the warehouse.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.casemix.cases import (
    DIAGNOSES,
    REFERENCE,
    SCHEME,
    UNKNOWN_DIAGNOSIS,
    labelled_examples,
    random_cases,
)
from tests.casemix.oracle import UNGROUPABLE, Case, Grouped, Oracle, read_rows

EXAMPLES = labelled_examples()
STROKE = next(case for case, drg in EXAMPLES if drg == "BR25")
TRAUMA_TURNED = next(case for case, drg in EXAMPLES if drg == "ZJ11")
# A valid operation, of no ADRG of MDC B.
SPLENECTOMY = "41.5x00"
HEART_TRANSPLANT = "37.5100"


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    return Oracle(SCHEME)


@pytest.fixture(scope="module")
def some_cases() -> list[Case]:
    return random_cases(seed=4, count=1_300)


@pytest.mark.parametrize(("case", "drg"), EXAMPLES, ids=[case.case_id for case, _ in EXAMPLES])
def test_worked_examples(oracle: Oracle, case: Case, drg: str) -> None:
    assert oracle.group(case).drg == drg


def test_random_cases_reach_nearly_everything(oracle: Oracle) -> None:
    reached = [oracle.group(case) for case in random_cases(seed=1, count=20_000)]
    assert len({each.mdc for each in reached} - {UNGROUPABLE.mdc}) == 26
    assert len({each.adrg for each in reached} - {UNGROUPABLE.adrg}) == 376
    assert len({each.drg for each in reached} - {UNGROUPABLE.drg}) == 628
    assert reached.count(UNGROUPABLE) > 500


def test_random_cases_are_the_same_for_the_same_seed() -> None:
    cases = random_cases(seed=2, count=700)
    assert random_cases(seed=2, count=650) == cases[:650]
    assert random_cases(seed=3, count=700) != cases


def test_empty_procedures_are_not_there(oracle: Oracle) -> None:
    gaps = ("", TRAUMA_TURNED.procedures[0], "", *TRAUMA_TURNED.procedures[1:])
    assert oracle.group(replace(TRAUMA_TURNED, procedures=gaps)).drg == "ZJ11"


@pytest.mark.parametrize("diagnoses", [(), ("",), ("", "I63.900"), (UNKNOWN_DIAGNOSIS, "I63.900")])
def test_without_a_principal_diagnosis_only_mdc_a(oracle: Oracle, diagnoses: tuple[str, ...]) -> None:
    """The text leaves open whether such a case may reach MDC A: `known_diagnoses` says no."""
    medical = replace(STROKE, diagnoses=diagnoses)
    transplant = replace(medical, procedures=(HEART_TRANSPLANT,))
    assert oracle.group(medical) == UNGROUPABLE
    assert oracle.group(transplant) == Grouped("A", "AA1", "AA19")

    known = frozenset(row["code"] for row in read_rows(DIAGNOSES))
    assert UNKNOWN_DIAGNOSIS not in known
    strict = Oracle(SCHEME, known_diagnoses=known)
    assert strict.group(transplant) == UNGROUPABLE
    assert strict.group(STROKE).drg == "BR25"


def test_any_procedure() -> None:
    """The spleen is removed second, and ZD1 is tried before ZJ1."""
    assert Oracle(SCHEME, any_procedure=True).group(TRAUMA_TURNED).drg == "ZD19"


def test_qy(oracle: Oracle) -> None:
    operated = replace(STROKE, procedures=(SPLENECTOMY,))
    assert oracle.group(operated).drg == "BR25"
    qy = Oracle(SCHEME, qy=True)
    assert qy.group(operated) == Grouped("B", "BQY", "BQY")
    assert qy.group(STROKE).drg == "BR25"
    assert Oracle(SCHEME, qy=True, qy_never=frozenset("AB")).group(operated).drg == "BR25"


@pytest.mark.parametrize("year", ["2022", "2023", "2024"])
def test_local_drgs_of_the_same_adrgs(oracle: Oracle, some_cases: list[Case], year: str) -> None:
    folder = REFERENCE / "casemix" / f"harbin-{year}"
    local = Oracle(SCHEME, folder)
    drgs = {row["drg"] for row in read_rows(folder / "drg.csv")} | {UNGROUPABLE.drg}
    for case in some_cases:
        grouped = local.group(case)
        assert grouped.adrg == oracle.group(case).adrg
        assert grouped.drg in drgs
