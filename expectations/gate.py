"""The four gates: build what is judged, judge it, apply waivers, keep the result.

`run_gate` is the room's one entrance; orchestration calls it once per gate. Which checks exist is data
(suites/), how GX is driven is gx_session.py, what its answer becomes is judging.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pyarrow.parquet as pq

from expectations import batch_profile as profile
from expectations import examples, judging, reconciliation, scope, waivers, ways_out
from expectations.check import Check, load_suite
from expectations.result import AsOf, GateResult, frame, load
from sources.base.engine import ask
from sources.base.home import Home
from sources.base.terms import GATES, Gate
from sources.contracts.load import load_contracts
from sources.county.closing import closing_day
from sources.handover import last_known_month


def run_gate(gate: Gate, home: Home, months: Sequence[str], feeds: Sequence[str] | None = None) -> GateResult:
    """Judge one gate for the months of a run ('YYYY-MM') and keep the result under `<home>/warehouse/gates`.

    feeds: only for the feed gate, only these feeds (a partial result is not kept). Raises ValueError for an
    unknown gate or no months; a check that cannot be evaluated is an `error` row, not a raise.
    """
    if gate not in GATES or not months:
        raise ValueError(
            f"run_gate needs one of {tuple(GATES)} and at least one month, got {gate!r}, {list(months)!r}"
        )
    ordered = sorted(months)
    closing = closing_date(home, ordered[-1])
    checks = load_suite(gate)
    if gate == "feed":
        rows, found = _judge_feeds(home, ordered, checks, feeds)
    else:
        known = last_known_month(home)
        rows, found = _judge_build(scope.Scope(home, ordered, known, closing_date(home, known)), checks)
    waivers.apply(rows, waivers.load_waivers(home.policy / "waiver.parquet", closing), closing)
    ways_out.name(rows)
    as_of = AsOf(closing.isoformat(), newest_delivery(home, ordered))
    result = GateResult(gate, tuple(ordered), frame(rows), found, as_of)
    if feeds is None:
        result.save(home.gates)
    return result


def load_results(home: Home) -> list[GateResult]:
    """The kept results of the run being built, in gate order; gates that have not run are left out."""
    paths = [home.gates / f"{gate}.parquet" for gate in GATES]
    return [load(path) for path in paths if path.exists()]


def forget_results(home: Home) -> None:
    """Remove kept results, so that a new run cannot be published on an old run's verdicts."""
    for gate in GATES:
        (home.gates / f"{gate}.parquet").unlink(missing_ok=True)
    reconciliation.forget(home)


def closing_date(home: Home, last_month: str) -> dt.date:
    """The day on which the accounts of `last_month` close: its last day plus policy `close_after_days`.

    Raises LookupError if the policy has no such parameter in force on that last day.
    """
    return closing_day(pq.read_table(home.policy / "kpi_parameter.parquet").to_pylist(), last_month)


def newest_delivery(home: Home, months: Sequence[str]) -> str:
    """When the newest delivery of these months arrived, 'YYYY-MM-DD HH:MM'; empty without any."""
    files = [str(path) for path in home.batch_outcome.glob("*.parquet")]
    if not files:
        return ""
    ((newest,),) = ask(
        "select strftime(max(first_landed_at), '%Y-%m-%d %H:%M') from read_parquet(?) where list_contains(?, month)",
        [files, list(months)],
    )
    return newest or ""


def _judge_feeds(
    home: Home, months: list[str], checks: list[Check], feeds: Sequence[str] | None
) -> tuple[list[judging.Row], judging.Examples]:
    from expectations.gx_session import Session

    contracts = [contract for feed, contract in load_contracts().items() if feeds is None or feed in feeds]
    with Session(home.spill) as session:
        profile.build(session.duckdb, home, contracts, months)
        rows, batches = judging.judge_all(session, checks, months)
    return rows, examples.of_batches(home, batches)


def _judge_build(judged: scope.Scope, checks: list[Check]) -> tuple[list[judging.Row], judging.Examples]:
    from expectations.gx_session import Session

    with Session(judged.home.spill) as session:
        scope.open_build(session.duckdb, judged)
        subjects = judging.by_subject(checks)
        not_made = scope.add_made_relations(session.duckdb, judged, subjects)
        if "reconciliation" in subjects and "reconciliation" not in not_made:
            reconciliation.keep(session.duckdb, judged.home)
        return judging.judge_all(session, scope.bind(checks, judged), judged.months, not_made)
