"""What a gate found, as Dagster shows it: a sentence with member and month, findings, failing rows, the report.

Belongs here: one verdict per asset from the rows of a gate, the same in the web page and from `yigongti run`.
Does not belong here: judging (expectations), which gate guards which asset (orchestration.checks).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from orchestration.translator import feed_key
from sources.base.terms import PASSED
from sources.county.county import County

if TYPE_CHECKING:
    from expectations.result import GateResult

FEED_GATE = "feed_gate"
SHOWN = 20
FINDING_COLUMNS = (
    "outcome",
    "institution",
    "month",
    "violated",
    "total",
    "message_zh",
    "message_en",
    "institution_id",
    "check_id",
)


@dataclass(frozen=True)
class Shown:
    """What a verdict shows beside its rows: names of institutions, masked examples by check, the report if there is one."""

    name_of: Callable[[str], str] = str
    examples: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    report: Path | None = None


def shown_of(county: County, result: "GateResult", report: Path | None = None) -> Shown:
    """What belongs beside the rows of a gate's result."""
    return Shown(county.name_of, result.examples, report)


def verdict(
    rows: Any, asset: dg.AssetKey, check_name: str, shown: Shown | None = None
) -> dg.AssetCheckResult:
    """A gate's rows (frame with the columns of mart_data_quality) as Dagster shows them.

    Passed: nothing but passes. ERROR, which stops what lies downstream: a critical check failed. WARN: anything else.
    """
    shown = shown or Shown()
    stopping = rows[(rows.severity == "critical") & rows.outcome.isin(["fail", "error"])]
    told = rows[~rows.outcome.isin([*PASSED, "waived"])]
    first = stopping if not stopping.empty else told
    worth_showing = rows[~rows.outcome.isin(PASSED)]
    metadata: dict[str, Any] = {
        "checks": len(rows),
        "violated": int(first.violated.sum()),
        **{str(outcome): int(count) for outcome, count in rows.outcome.value_counts().items()},
    }
    if not told.empty:
        metadata["institutions"] = ", ".join(_places(told, shown))
        metadata["months"] = ", ".join(sorted(told.month.dropna().unique()))
    if not worth_showing.empty:
        # What stops comes first, or the twenty shown could all be warnings.
        ordered = worth_showing.assign(first=~worth_showing.index.isin(stopping.index))
        ordered = ordered.sort_values("first", kind="stable").head(SHOWN)
        metadata["findings"] = _findings(ordered.to_dict("records"), shown)
    lines = _lines(first.check_id.unique(), shown)
    if lines:
        metadata["failing_rows"] = table(lines)
    if shown.report is not None:
        metadata["report"] = dg.MetadataValue.path(str(shown.report))
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=check_name,
        passed=told.empty,
        severity=dg.AssetCheckSeverity.WARN if stopping.empty else dg.AssetCheckSeverity.ERROR,
        description=headline(_sentences(first, shown)),
        metadata=metadata,
    )


def verdicts_of_feeds(
    results: Iterable["GateResult"], county: County, feeds: Iterable[str], report: Path | None = None
) -> list[dg.AssetCheckEvaluation]:
    """The verdict on every feed out of the gate over all of them, as events; none if that gate has not run."""
    return [
        evaluation(
            verdict(
                result.rows[result.rows.subject == feed],
                feed_key(feed),
                FEED_GATE,
                shown_of(county, result, report if result.failed else None),
            )
        )
        for result in results
        if result.gate == "feed"
        for feed in feeds
    ]


def headline(messages: Iterable[str]) -> str:
    """The first failing sentence and how many more there are."""
    found = list(messages)
    if not found:
        return "通过 / passed"
    return found[0] + (f" (另有 {len(found) - 1} 项 / and {len(found) - 1} more)" if len(found) > 1 else "")


def evaluation(result: dg.AssetCheckResult, *, blocking: bool = True) -> dg.AssetCheckEvaluation:
    """A verdict as an event, for whoever writes it without a run."""
    assert result.asset_key is not None and result.check_name is not None, "a verdict names what it is about"
    return dg.AssetCheckEvaluation(
        asset_key=result.asset_key,
        check_name=result.check_name,
        passed=result.passed,
        severity=result.severity,
        description=result.description,
        metadata=dict(result.metadata),
        blocking=blocking,
    )


def _sentences(rows: Any, shown: Shown) -> list[str]:
    """Who, which month, and what is wrong."""
    return [
        f"{_name(row['institution_id'], shown)} {row['month']}: {row['message_zh']}"
        for row in rows.to_dict("records")
    ]


def _places(rows: Any, shown: Shown) -> list[str]:
    return sorted({_name(each, shown) for each in rows.institution_id})


def _name(institution: Any, shown: Shown) -> str:
    return shown.name_of(institution) if isinstance(institution, str) else "全县 county"


def _findings(rows: Iterable[Mapping[str, Any]], shown: Shown) -> dg.TableMetadataValue:
    named = [{**row, "institution": _name(row["institution_id"], shown)} for row in rows]
    return table([{column: row[column] for column in FINDING_COLUMNS} for row in named], FINDING_COLUMNS)


def _lines(check_ids: Iterable[str], shown: Shown) -> list[dict[str, Any]]:
    """File and line of some rows behind the findings: masked where they were written."""
    found = [
        {"check_id": check_id, **row} for check_id in check_ids for row in shown.examples.get(check_id, ())
    ]
    return found[:SHOWN]


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> dg.TableMetadataValue:
    """Rows as a table on the check's page; without `columns`, every column that some row has."""
    names = columns or list(dict.fromkeys(name for row in rows for name in row))
    records = [dg.TableRecord({name: _cell(row.get(name)) for name in names}) for row in rows]
    return dg.MetadataValue.table(records, dg.TableSchema([dg.TableColumn(name) for name in names]))


def _cell(value: Any) -> str | int:
    if isinstance(value, str):
        return value
    # NaN is the only value that differs from itself.
    return "" if value is None or value != value else int(value)
