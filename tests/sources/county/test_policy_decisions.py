"""A decision that takes somebody's pay stands in policy with who took it, when and by which document, or stops the check."""

from __future__ import annotations

import pytest

from sources.county.county import County, check
from tests.sources.making import COMMON, OPEN, TOWNSHIP

VETO = f"{TOWNSHIP},insurance_fraud,2025-01,2025-03,0,医共体管委会,2025-01-20,县医共体〔2025〕3号,none,"


def found(county: County, table: str, header: str, *rows: str) -> list[str]:
    """`line: English message` of every problem of a table with these rows."""
    lines = [
        f"{header},{COMMON}",
        *(row if row.count(",") > header.count(",") else f"{row},{OPEN}" for row in rows),
    ]
    (county.policy_folder / f"{table}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    problems = check(county.folder)
    assert {each.file for each in problems} <= {f"policy/{table}.csv"}
    return [f"{each.line}: {each.message_en}" for each in problems]


VETO_HEADER = "institution_id,kind,month_from,month_to,pay_cap,decided_by,decided_on,document,appeal_state,appeal_decided_on"


@pytest.mark.parametrize(
    "row",
    [
        VETO,
        VETO.replace(",none,", ",open,"),
        VETO.replace(",none,", ",upheld,2025-01-20"),
        VETO.replace(",0,", ",1.2,"),
        VETO + ",2024-12-31,,0,",
        VETO + ",2025-01-31,2025-03-31,0,",
    ],
)
def test_a_decided_veto_is_sound(county: County, row: str) -> None:
    assert found(county, "score_veto", VETO_HEADER, row) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (VETO.replace("医共体管委会", ""), "2: a veto is decided by somebody, on a day, in a document; lacking: decided_by: fill in"),
        (VETO.replace("2025-01-20,县医共体〔2025〕3号", ","), "2: a veto is decided by somebody, on a day, in a document; lacking: decided_on, document"),
        (VETO.replace("insurance_fraud", "fraud"), "2: column kind: fraud is none of medical_safety, insurance_fraud"),
        (VETO.replace(TOWNSHIP, "H9"), "2: there is no institution H9"),
        (VETO.replace(",0,", ",1.3,"), "2: column pay_cap lies between 0 and 1.2: 1.3"),
        (VETO.replace("2025-01,2025-03", "2025-03,2025-01"), "2: month_to lies before month_from"),
        (VETO + ",2025-02-01,,0,", "2: not in force at the end of every month from 2025-01 to 2025-03"),
        (VETO + ",2025-01-01,2025-03-30,0,", "2: not in force at the end of every month from 2025-01 to 2025-03"),
        (VETO.replace(",none,", ",rejected,"), "2: appeal rejected: on which day? Fill in appeal_decided_on"),
        (VETO.replace(",none,", ",open,2025-02-01"), "2: an appeal was decided and appeal_state is open"),
        (VETO.replace(",none,", ",upheld,2025-01-19"), "2: the appeal was decided before the veto was"),
    ],
)  # fmt: skip
def test_a_veto_that_would_not_stand_stops_the_check(county: County, row: str, said: str) -> None:
    (only,) = found(county, "score_veto", VETO_HEADER, row)
    assert only.startswith(said)


def test_one_veto_twice_is_told(county: County) -> None:
    (only,) = found(county, "score_veto", VETO_HEADER, VETO, VETO)
    assert only.startswith("3: two rows in force at the same time")
