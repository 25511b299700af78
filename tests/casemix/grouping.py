"""Cases written as the CSV that `yigongti casemix group` reads, and its result. Not here: what is right (oracle)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from orchestration.casemix.group import COLUMNS, group_cases
from sources.casemix.switches import Switches
from tests.casemix.oracle import Case


def write_cases(path: Path, cases: Iterable[Case]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for case in cases:
            numbers = (case.sex, case.age_years, case.age_days, case.birth_weight_g)
            writer.writerow([case.case_id, *numbers, "|".join(case.diagnoses), "|".join(case.procedures)])
    return path


def grouped(
    folder: Path, cases: Iterable[Case], scheme: str, county: Path | None = None, **switches: str
) -> list[Mapping[str, str]]:
    """Rows of the result, in its order."""
    out = folder / "result.csv"
    given = write_cases(folder / "cases.csv", cases)
    group_cases(given, out, scheme, Switches.model_validate(switches), county)
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
