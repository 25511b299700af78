"""A check as data: what must hold, how bad it is if it does not, and how to mend it.

Checks are written in `suites/*.yml` (core, kpi, scoring) or compiled (feed). A check names a Great
Expectations class and its arguments; it knows nothing of sessions, months or institutions.
"""

from __future__ import annotations

import functools
import importlib.resources
import re
from collections.abc import Iterator
from typing import Any

from expectations.facts import load_facts, names_of_tables
from sources.base.strict import Strict
from sources.base.terms import Counted, Gate, KahnCategory, Severity
from sources.base.yamlfile import load_own_yaml

_RESERVED = ("threshold_pct", "severity", "suffix")


class Check(Strict):
    """One rule about one subject (a table, or for the feed gate a profile of batches).

    threshold_pct: share of rows, in per cent, that may violate the rule; tolerated: number of rows that may
    violate it whatever the share (a village clinic with ten visits must not fail over one).
    counts: what is counted: rows, whole batches or deliveries (a distance is no count), or groups of rows.
    expect, arguments: a class of `great_expectations.expectations` and its keyword arguments.
    violated, total: only for profiles, whose rows stand for many: SQL expressions that are summed per batch; `violated: "1"`
    counts the batches in which the expectation does not hold.
    waivable: False for what may never be accepted (reconciliation, privacy).
    """

    check_id: str
    gate: Gate
    subject: str
    category: KahnCategory
    severity: Severity
    threshold_pct: float = 0.0
    tolerated: int = 0
    counts: Counted = "rows"
    expect: str
    arguments: dict[str, Any]
    violated: str | None = None
    total: str | None = None
    waivable: bool = True
    rule_zh: str
    rule_en: str
    mend_zh: str
    mend_en: str

    def violations_sql(self, relation: str, columns: list[str]) -> str | None:
        """Our own query for the violating rows, where GX gives none that runs; None = ask GX.

        Rows of a custom query are its rows; for compound keys GX 1.24 renders a cross join.
        """
        if self.expect == "UnexpectedRowsExpectation":
            return self.arguments["unexpected_rows_query"].replace("{batch}", relation)
        if self.expect == "ExpectCompoundColumnsToBeUnique":
            keys = ", ".join(f'"{column}"' for column in self.arguments["column_list"])
            names = ", ".join(f'"{column}"' for column in columns)
            return f"select {names} from {relation} qualify count(*) over (partition by {keys}) > 1"
        return None


def load_suite(gate: Gate) -> list[Check]:
    """Read `suites/<gate>.yml`: every entry of `checks`, once per table entry it lists."""
    suite = _suite(gate)
    names = {**(names_of_tables() if gate == "core" else {}), **suite.get("names", {})}
    checks = [check for entry in suite["checks"] for check in _expand(gate, entry, names)]
    seen: set[str] = set()
    for check in checks:
        if check.check_id in seen:
            raise ValueError(f"{gate}.yml: check_id {check.check_id} appears twice")
        seen.add(check.check_id)
    return checks


@functools.cache
def _suite(gate: Gate) -> dict[str, Any]:
    text = importlib.resources.files("expectations.suites").joinpath(f"{gate}.yml").read_text("utf-8")
    return load_own_yaml(text)


def _expand(gate: Gate, entry: dict[str, Any], names: dict[str, str]) -> Iterator[Check]:
    """One check per (table, arguments) of an entry. `{table}`, `{table_zh}` and argument names work in the
    texts.
    """
    common = {key: value for key, value in entry.items() if key not in ("id", "of")}
    for table, variants in _tables(entry["of"]).items():
        for variant in variants if isinstance(variants, list) else [variants or {}]:
            own = {key: value for key, value in variant.items() if key in _RESERVED and key != "suffix"}
            arguments = {**common.get("arguments", {})}
            arguments |= {key: value for key, value in variant.items() if key not in _RESERVED}
            words = (
                {} if "violated" in common else {"table": table, "table_zh": _name(table, names), **arguments}
            )
            suffix = variant.get("suffix", arguments.get("column") if isinstance(variants, list) else None)
            texts = {key: _fill(common[key], words) for key in ("rule_zh", "rule_en", "mend_zh", "mend_en")}
            check_id = ".".join(part for part in (gate, table, entry["id"], suffix) if part)
            yield Check(
                **{
                    **common,
                    **own,
                    **texts,
                    "check_id": check_id,
                    "gate": gate,
                    "subject": table,
                    "arguments": arguments,
                }
            )


def _tables(listed: dict[str, Any] | str) -> dict[str, Any]:
    """What an entry is about; `facts` stands for every fact with its key."""
    if isinstance(listed, dict):
        return listed
    if listed != "facts":
        raise ValueError(f"`of` lists tables, or says `facts`, not {listed!r}")
    return {fact.table: {"column_list": list(fact.key)} for fact in load_facts()}


def _name(table: str, names: dict[str, str]) -> str:
    own = table.removeprefix("delivered__")
    return names.get(own, own)


def _fill(text: str, words: dict[str, Any]) -> str:
    """Replace `{name}` where the word is known; lists are joined. Profiles are filled later, per feed."""

    def word(match: re.Match[str]) -> str:
        value = words.get(match[1], match[0])
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    return re.sub(r"\{(\w+)\}", word, text)
