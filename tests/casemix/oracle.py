"""A second CHS-DRG grouper, slow and plain: loops and sets. Tests hold another implementation against it.

Belongs here: the rules as the reference text tells them, from the same tables. Does not belong here: cleaning
or mapping of codes, reasons and explanations, anything taken over from the implementation that is tested.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

NUMBERS = ("sex", "age_years", "age_days", "birth_weight_g")
# The first rule that holds decides, so the order is part of the rule.
SEVERITY_RULES = ("mcc", "mcc_or_cc", "otherwise", "unsplit")

Row = dict[str, str]


@dataclass(frozen=True)
class Case:
    """One stay, its codes clean.

    `diagnoses[0]` is the principal one, '' or no entry if there is none; empty procedures count as not there.
    """

    case_id: str
    sex: int | None
    age_years: int | None
    age_days: int | None
    birth_weight_g: int | None
    diagnoses: tuple[str, ...]
    procedures: tuple[str, ...]


@dataclass(frozen=True)
class Grouped:
    mdc: str
    adrg: str
    drg: str


UNGROUPABLE = Grouped("0000", "00", "0000")


@dataclass(frozen=True)
class Clause:
    """One row of a condition. `codes` is empty for numbers and trauma sites."""

    role: str
    none: bool = False
    min_count: int = 1
    codes: frozenset[str] = frozenset()
    lower: int | None = None
    upper: int | None = None


# Alternatives joined by OR, each of clauses joined by AND.
Condition = list[list[Clause]]


def read_rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def code_lists(scheme_folder: Path) -> dict[str, list[str]]:
    """Every list a condition can name, in the order of its table."""
    lists: dict[str, list[str]] = defaultdict(list)
    for row in read_rows(scheme_folder / "code_list.csv"):
        lists[row["list_id"]].append(row["code"])
    for row in read_rows(scheme_folder / "mdc_principal_diagnosis.csv"):
        lists["MDC" + row["mdc"]].append(row["diagnosis_code"])
    return dict(lists)


def in_try_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: int(row["try_order"]))


def whole(text: str) -> int | None:
    return int(text) if text else None


class Oracle:
    """One scheme: the ADRGs of `scheme_folder`, split into its own DRGs or into those of `drg_folder`.

    With `known_diagnoses`, a case whose principal diagnosis is not among them is ungroupable before any rule
    is tried. Without, it can still reach MDC A, which asks for no diagnosis.
    """

    def __init__(
        self,
        scheme_folder: Path,
        drg_folder: Path | None = None,
        *,
        any_procedure: bool = False,
        qy: bool = False,
        qy_never: frozenset[str] = frozenset("ASTWXY"),
        known_diagnoses: frozenset[str] | None = None,
    ) -> None:
        self._known_diagnoses = known_diagnoses
        self._read_conditions(scheme_folder, any_procedure)
        self._read_order(scheme_folder)
        self._read_severity(scheme_folder, drg_folder or scheme_folder)
        if qy:
            self._add_qy(qy_never)

    def _read_conditions(self, folder: Path, any_procedure: bool) -> None:
        self._codes = {name: frozenset(codes) for name, codes in code_lists(folder).items()}
        self._mdc_condition = self._conditions(read_rows(folder / "mdc_condition.csv"), "mdc")
        adrg_rows = read_rows(folder / "adrg_condition.csv")
        for row in adrg_rows:
            if any_procedure and row["role"] == "principal_procedure":
                row.update(role="any_procedure", min_count="1")
        self._adrg_condition = self._conditions(adrg_rows, "adrg")
        self._site = {row["diagnosis_code"]: row["site"] for row in read_rows(folder / "trauma_site.csv")}

    def _conditions(self, rows: list[Row], owner: str) -> dict[str, Condition]:
        alternatives: dict[tuple[str, str], list[Clause]] = defaultdict(list)
        for row in rows:
            alternatives[row[owner], row["alternative"]].append(self._clause(row))
        found: dict[str, Condition] = defaultdict(list)
        for (name, _), clauses in alternatives.items():
            found[name].append(clauses)
        return dict(found)

    def _clause(self, row: Row) -> Clause:
        if row["role"] in NUMBERS:
            return Clause(
                row["role"], lower=whole(row["lower_inclusive"]), upper=whole(row["upper_exclusive"])
            )
        if row["role"] == "trauma_site":
            return Clause(row["role"], min_count=int(row["min_count"]))
        codes = self._codes[row["list_id"]]
        return Clause(row["role"], row["quantifier"] == "none", int(row["min_count"]), codes)

    def _read_order(self, folder: Path) -> None:
        self._mdcs = [row["mdc"] for row in in_try_order(read_rows(folder / "mdc.csv"))]
        self._before_qy: dict[str, list[str]] = {mdc: [] for mdc in self._mdcs}
        self._after_qy: dict[str, list[str]] = {mdc: [] for mdc in self._mdcs}
        for row in in_try_order(read_rows(folder / "adrg.csv")):
            side = self._after_qy if row["kind"] == "medical" else self._before_qy
            side[row["mdc"]].append(row["adrg"])

    def _read_severity(self, folder: Path, drg_folder: Path) -> None:
        self._drg: dict[str, dict[str, str]] = defaultdict(dict)
        for row in read_rows(drg_folder / "drg.csv"):
            self._drg[row["adrg"]][row["severity_rule"]] = row["drg"]
        self._complication = {
            row["diagnosis_code"]: (row["level"], row["exclusion_group"])
            for row in read_rows(folder / "complication.csv")
        }
        self._exclusion = {
            row["principal_diagnosis_code"]: row["exclusion_group"]
            for row in read_rows(folder / "exclusion.csv")
        }

    def _add_qy(self, never: frozenset[str]) -> None:
        """QY is one more ADRG, the last of those with a procedure, with one DRG of the same name."""
        for mdc in set(self._mdcs) - never:
            name = f"{mdc}QY"
            self._before_qy[mdc].append(name)
            self._adrg_condition[name] = [[Clause("principal_procedure", codes=self._codes["or_procedure"])]]
            self._drg[name] = {"unsplit": name}

    def group(self, case: Case) -> Grouped:
        case = replace(case, procedures=tuple(code for code in case.procedures if code))
        if self._known_diagnoses is not None and self._known_diagnoses.isdisjoint(case.diagnoses[:1]):
            return UNGROUPABLE
        for mdc in self._mdcs:
            if not self._any_holds(self._mdc_condition[mdc], case):
                continue
            for adrg in self._before_qy[mdc] + self._after_qy[mdc]:
                if self._any_holds(self._adrg_condition[adrg], case):
                    return Grouped(mdc, adrg, self._split(adrg, case))
        return UNGROUPABLE

    def _any_holds(self, condition: Condition, case: Case) -> bool:
        return any(all(self._holds(clause, case) for clause in clauses) for clauses in condition)

    def _holds(self, clause: Clause, case: Case) -> bool:
        if clause.role in NUMBERS:
            return within(getattr(case, clause.role), clause.lower, clause.upper)
        if clause.role == "trauma_site":
            sites = {self._site[code] for code in case.diagnoses if code in self._site}
            return len(sites) >= clause.min_count
        hits = clause.codes.intersection(looked_at(clause.role, case))
        return not hits if clause.none else len(hits) >= clause.min_count

    def _split(self, adrg: str, case: Case) -> str:
        levels = self._levels(case)
        holds = {
            "mcc": "MCC" in levels,
            "mcc_or_cc": bool(levels),
            "otherwise": True,
            "unsplit": True,
        }
        drgs = self._drg[adrg]
        return next(drgs[rule] for rule in SEVERITY_RULES if rule in drgs and holds[rule])

    def _levels(self, case: Case) -> set[str]:
        """Levels of the complications that the principal diagnosis does not void."""
        levels = set()
        excluded = self._exclusion.get(case.diagnoses[0]) if case.diagnoses else None
        for code in case.diagnoses[1:]:
            if code in self._complication:
                level, group = self._complication[code]
                if group == "" or group != excluded:
                    levels.add(level)
        return levels


def looked_at(role: str, case: Case) -> tuple[str, ...]:
    return {
        "principal_diagnosis": case.diagnoses[:1],
        "any_diagnosis": case.diagnoses,
        "principal_procedure": case.procedures[:1],
        "any_procedure": case.procedures,
    }[role]


def within(number: int | None, lower: int | None, upper: int | None) -> bool:
    """A missing bound is open; a missing number is in no interval."""
    if number is None:
        return False
    return (lower is None or lower <= number) and (upper is None or number < upper)
