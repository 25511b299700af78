"""What a county may decide about a scheme, and the scheme's rows as they then are.

Decisions become rows, so that the SQL knows no switch: another matching of procedures is another role, an ambiguous group is one
more ADRG. Not here: which decision is in force when (policy), how rows are laid out for the warehouse (grouping).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from sources.base.strict import Strict
from sources.base.yamlfile import Problem
from sources.casemix.scheme import FOLDER, Row, Scheme, SchemeError, load_table
from sources.casemix.tables import OR_PROCEDURE

AMBIGUOUS = "ambiguous"


class Switches(Strict):
    """Defaults are the national 1.1 scheme as published.

    procedure_matching: which procedures an ADRG looks at where the scheme says the principal one.
    ambiguous_groups: a case whose valid operation fits none of its MDC's procedure groups gets the group `<MDC>QY`, but in the MDCs
    of `ambiguous_never` (letters, or none). mdc_lists: `completed` adds the diagnoses that stand in an ADRG's list, but not in its MDC's.
    condition_variants: names in adrg_condition_variant.csv, with a `|` between. newborn_without_weight: `rejected` sends a case
    of 0–28 days without a weight back.
    """

    procedure_matching: Literal["principal", "any"] = "principal"
    ambiguous_groups: Literal["off", "on"] = "off"
    ambiguous_never: Annotated[str, Field(pattern=r"^([A-Z]+|none)$")] = "ASTWXY"
    mdc_lists: Literal["published", "completed"] = "published"
    condition_variants: str = ""
    newborn_without_weight: Literal["grouped", "rejected"] = "grouped"

    def name(self, scheme: str) -> str:
        """What a scheme under these decisions is called: the scheme's own name, and what is not as published."""
        changed = self.model_dump(exclude_defaults=True)
        return " ".join([scheme, *(f"{key}={value}" for key, value in sorted(changed.items()))])


@dataclass(frozen=True)
class Decided:
    """A scheme's tables after the decisions, under the name `scheme`."""

    scheme: str
    switches: Switches
    tables: Mapping[str, list[Row]]


def decide(scheme: Scheme, switches: Switches) -> Decided:
    """Raises SchemeError if a variant is none of the scheme's."""
    tables = {name: list(rows) for name, rows in scheme.tables.items()}
    tables["adrg_condition"] = _variants(scheme, switches)
    if switches.mdc_lists == "completed":
        tables["mdc_principal_diagnosis"] += _missing_in_mdc(scheme)
    if switches.procedure_matching == "any":
        tables["adrg_condition"] = [_any_procedure(row) for row in tables["adrg_condition"]]
    if switches.ambiguous_groups == "on":
        for table, rows in _ambiguous(tables, switches).items():
            tables[table] += rows
    return Decided(switches.name(scheme.settings.id), switches, tables)


def check_variants(folders: Mapping[str, Path], scheme: str, switches: Switches) -> None:
    """Raises SchemeError if there is no such scheme, or it has not the variants that are chosen."""
    _chosen_variants(scheme, load_table(folders, scheme, "adrg_condition_variant"), switches)


def _chosen_variants(scheme: str, variants: Iterable[Row], switches: Switches) -> list[Row]:
    chosen = [name for name in switches.condition_variants.split("|") if name]
    offered = {row["variant"] for row in variants}
    unknown = sorted(set(chosen) - offered)
    if unknown:
        zh = f"{scheme} 没有变体 {'、'.join(unknown)};有:{'、'.join(sorted(offered)) or '无'}"
        en = f"{scheme} has no variant {', '.join(unknown)}; it has {', '.join(sorted(offered)) or 'none'}"
        raise SchemeError([Problem(FOLDER, 0, zh, en)])
    rows = [row for row in variants if row["variant"] in chosen]
    owners = sorted({(row["variant"], row["adrg"]) for row in rows}, key=lambda pair: pair[1])
    for one, other in pairwise(owners):
        if one[1] == other[1]:
            zh, en = (
                f"变体 {one[0]} 与 {other[0]} 都改 {one[1]}",
                f"variants {one[0]} and {other[0]} both change {one[1]}",
            )
            raise SchemeError([Problem(FOLDER, 0, zh, en)])
    return rows


def _variants(scheme: Scheme, switches: Switches) -> list[Row]:
    rows = _chosen_variants(scheme.settings.id, scheme.rows("adrg_condition_variant"), switches)
    replaced = {row["adrg"] for row in rows}
    return [row for row in scheme.rows("adrg_condition") if row["adrg"] not in replaced] + rows


def _missing_in_mdc(scheme: Scheme) -> Iterable[Row]:
    listed = {(row["mdc"], row["diagnosis_code"]) for row in scheme.rows("mdc_principal_diagnosis")}
    gaps = {
        (row["mdc"], row["code"])
        for row in scheme.rows("known_gap")
        if row["kind"] == "adrg_diagnosis_outside_mdc_list"
    }
    return [{"mdc": mdc, "diagnosis_code": code} for mdc, code in sorted(gaps - listed)]


def _any_procedure(row: Row) -> Row:
    return {**row, "role": "any_procedure"} if row["role"] == "principal_procedure" else row


def _ambiguous(tables: Mapping[str, list[Row]], switches: Switches) -> dict[str, list[Row]]:
    """After the last procedure group of an MDC and before its first medical one: a valid operation that fits none of them."""
    groups: list[Row] = []
    conditions: list[Row] = []
    drgs: list[Row] = []
    never = set() if switches.ambiguous_never == "none" else set(switches.ambiguous_never)
    taken = {row["adrg"] for row in tables["adrg"]} | {row["drg"] for row in tables["drg"]}
    for mdc in sorted({row["mdc"] for row in tables["adrg"]} - never):
        if f"{mdc}QY" in taken:
            zh = f"方案自己有 {mdc}QY:请把 ambiguous_groups 关上"
            raise SchemeError(
                [Problem(FOLDER, 0, zh, f"the scheme has {mdc}QY of its own: switch ambiguous_groups off")]
            )
        own = [row for row in tables["adrg"] if row["mdc"] == mdc]
        medical = [int(row["try_order"]) for row in own if row["kind"] == "medical"]
        place = min(medical) - 0.5 if medical else max(int(row["try_order"]) for row in own) + 0.5
        name, label = f"{mdc}QY", "歧义组:手术操作与主要诊断不符"
        groups.append(
            {"adrg": name, "mdc": mdc, "try_order": str(place), "kind": AMBIGUOUS, "name_zh": label}
        )
        role = "any_procedure" if switches.procedure_matching == "any" else "principal_procedure"
        clause = {"role": role, "quantifier": "any", "min_count": "1", "list_id": OR_PROCEDURE}
        conditions.append({"adrg": name, "alternative": "1", "clause": "1", **clause})
        drgs.append({"drg": name, "adrg": name, "severity": "", "severity_rule": "unsplit", "name_zh": label})
    return {"adrg": groups, "adrg_condition": conditions, "drg": drgs}
