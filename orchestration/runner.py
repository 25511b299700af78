"""`yigongti run`: the same definitions as the web server's, executed here, one job after the other.

Belongs here: which months, in what order, what came of it. Does not belong here: drawing
(orchestration.console), the work itself (assets, gates). Dagster is imported inside, so that a run with
nothing to do answers at once.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from orchestration import delivered_months as inbox
from orchestration import interrupts, progress
from orchestration.faults import in_words
from orchestration.settings import DUCKDB
from sources.base.files import write_json
from sources.base.home import Home
from sources.contracts.load import load_contracts
from sources.county.county import County, CountyError

if TYPE_CHECKING:
    import dagster as dg
    from dagster_shared.error import SerializableErrorInfo

    from orchestration.materialized import Noted
    from orchestration.partitions import Extent

STATE = "last_run.json"
REPORT = "run_report.json"
GATE_FAILED = "DagsterAssetCheckFailedError"
INTERRUPTED = "DagsterExecutionInterruptedError"
_LOG = "日志 log: {}"


class RunFailedError(Exception):
    """A step failed for another reason than a gate; the message is the step's own, without a traceback."""


class PlaceFailedError(RunFailedError):
    """A step failed because of a path, a disk or a damaged file: the place is at fault, not the work."""


class CountyFailedError(RunFailedError):
    """A step failed because of what the county's folder says: the reader's files are at fault, not the work."""


@dataclass
class Outcome:
    """What one run did. `release_id` is what is published now; `created` is False if that was so before.

    overtaken: closed month → number of its published values that late data would change.
    """

    months: tuple[str, ...]
    release_id: str | None = None
    created: bool = False
    overtaken: dict[str, int] = field(default_factory=dict)
    gates_failed: bool = False
    seconds: dict[str, float] = field(default_factory=dict)


def unchanged(county: County, home: Home, months: Sequence[str], target: str) -> bool:
    """True if the last run had these months, this county folder, this code and engine, is what is published, and its home is whole.

    Never where a member's server is asked: what it holds now only it can tell.
    """
    if any(each.database is not None and each.database.url_env for each in county.configuration.deliveries):
        return False
    try:
        last = json.loads((home.warehouse / STATE).read_text("utf-8"))
    except FileNotFoundError:
        return False
    return last == state(county, home, months, target) and _is_whole(home)


def refuse_lost(home: Home) -> None:
    """Raise AlteredError naming what is gone from a home in which a run would find nothing to do."""
    from sources.intake.intact import refuse_altered

    if not _is_whole(home):
        refuse_altered(home)


def _is_whole(home: Home) -> bool:
    from sources.intake.intact import is_whole

    return is_whole(home)


def state(county: County, home: Home, months: Sequence[str], target: str) -> dict[str, object]:
    """Everything a run's result depends on, in short, and what is published."""
    from orchestration.publishing.code_version import code_version

    current = home.current.resolve().name if home.current.exists() else None
    return {
        "months": list(months),
        "engine": target,
        "county": inbox.stamp(county),
        "code": code_version(),
        "release": current,
        # Lists that only grow: what people withdrew or retired changes nothing in the county's folder.
        "intake": sum(path.stat().st_size for path in home.intake.rglob("*.jsonl")),
    }


def run(
    county: County,
    home: Home,
    months: Sequence[str],
    *,
    target: str = DUCKDB,
    full: bool = False,
    verify: bool = False,
    began: float | None = None,
) -> Outcome:
    """Take in, build, judge and release `months` (no gaps between them).

    target: the engine that builds. full: conform every batch again. verify: read every conformed file again.
    began: `time.perf_counter()` at the start of the process, if known.
    Raises HomeLockedError if somebody else works there, RunFailedError if a step fails for another reason
    than a gate: a PlaceFailedError if that is a path, a disk or a damaged file, a CountyFailedError if it is what the
    county's folder says.
    """
    started = time.perf_counter() if began is None else began
    with home.lock():
        outcome = _execute(county, home, tuple(months), target, full, verify)
        outcome.seconds = seconds_by_stage(progress.seconds(), time.perf_counter() - started)
        write_json(home.warehouse / REPORT, {"months": list(months), "seconds": outcome.seconds})
        if not outcome.gates_failed:
            write_json(home.warehouse / STATE, state(county, home, months, target))
    return outcome


def _execute(
    county: County, home: Home, months: tuple[str, ...], target: str, full: bool, verify: bool
) -> Outcome:
    with progress.stage("start-up", "Dagster, dbt"):
        from expectations.gate import forget_results
        from orchestration.definitions import build_defs, hospital_deliverers
        from orchestration.instance import instance_without_memory
        from orchestration.jobs import HOSPITAL_FEEDS, PLATFORM_FEEDS, RELEASE
        from orchestration.materialized import noting
        from orchestration.partitions import delivery_tags, month_tags
        from orchestration.resources import Place
        from orchestration.side_by_side import ahead
        from orchestration.translator import feed_key

        hospitals = hospital_deliverers(county)
        place = Place(
            months=list(months),
            institutions=hospitals,
            county_dir=str(county.folder),
            home_dir=str(home.root),
            hold_lock=False,
            target=target,
            full=full,
            verify=verify,
            verbose=False,
        )
        definitions = build_defs(county.folder, home.root, resource_overrides={"place": place})
    forget_results(home)
    log = place.logs / f"run-{months[0]}-{months[-1]}.log"
    # These two without their gates: the release job opens with the gate over everything, and judging the same
    # batches twice costs seconds. So one run also shows all there is to mend, not only the first feed's.
    found = concerned(county, home)
    feeds = frozenset(map(feed_key, found))
    extents = {feed: extent_of_feed(feed, months, tuple(hospitals)) for feed in sorted(found)}
    last = months[-1]
    with instance_without_memory() as instance, noting() as noted:
        jobs = _Jobs(definitions, instance, log)
        try:
            with ahead(county, home, extents, full=full):
                jobs.run_only(feeds, HOSPITAL_FEEDS, delivery_tags(hospitals[:1], last, last))
                jobs.run_only(feeds, PLATFORM_FEEDS, month_tags(last, last))
            result = jobs.run(RELEASE, month_tags(last, last))
        finally:
            _remember(county, home, months, jobs.results, noted)
    return Outcome(months, *_published(result), gates_failed=not result.success)


def extent_of_feed(feed: str, months: tuple[str, ...], hospitals: tuple[str, ...]) -> "Extent":
    """What the step of a feed works on in a run of `months`."""
    from orchestration.partitions import Extent

    return Extent(months, hospitals if load_contracts()[feed].is_of_each_institution else None)


def concerned(county: County, home: Home) -> set[str]:
    """Feeds that a mapping provides for or of which a batch has landed: a step for any other would find nothing."""
    expected = {feed for deliverer in county.deliverers for feed in county.expected_feeds(deliverer)}
    return expected | {path.name for path in home.landing.glob("*") if path.name in load_contracts()}


@dataclass(frozen=True)
class _Jobs:
    """The jobs of a county, executed in this process; `log` is the file they append to."""

    definitions: "dg.Definitions"
    instance: "dg.DagsterInstance"
    log: Path
    results: "list[dg.ExecuteInProcessResult]" = field(default_factory=list)

    def run(self, name: str, tags: dict[str, str]) -> "dg.ExecuteInProcessResult":
        """Execute one job. A failed gate is a result; any other failed step raises RunFailedError."""
        return self._executed(self.definitions.resolve_job_def(name), tags)

    def run_only(self, assets: "frozenset[dg.AssetKey]", name: str, tags: dict[str, str]) -> None:
        """Execute of one job just these assets, without their checks. Raises RunFailedError when a step fails."""
        job = self.definitions.resolve_job_def(name)
        own = frozenset(job.asset_layer.selected_asset_keys) & assets
        if own:
            self._executed(job.get_subset(asset_selection=own, asset_check_selection=frozenset()), tags)

    def _executed(self, job: "dg.JobDefinition", tags: dict[str, str]) -> "dg.ExecuteInProcessResult":
        interrupts.check()
        result = job.execute_in_process(
            tags=tags,
            raise_on_error=False,
            run_config={"loggers": {"run_log": {"config": {"path": str(self.log)}}}},
            instance=self.instance,
        )
        self.results.append(result)
        self._refuse_broken(result)
        return result

    def _refuse_broken(self, result: "dg.ExecuteInProcessResult") -> None:
        """Raise RunFailedError if a step failed for another reason than a gate."""
        failed = [event for event in result.all_events if event.is_step_failure]
        if any(_says(event.step_failure_data.error, INTERRUPTED) for event in failed):
            raise RunFailedError(interrupts.SAID)
        broken = [event for event in failed if not _is_gate(event)]
        if broken:
            reasons = [_reason(event) for event in broken]
            home = str(self.log.parent.parent)
            of_the_place = list(dict.fromkeys(filter(None, (in_words(reason, home) for reason in reasons))))
            if of_the_place:
                raise PlaceFailedError("\n".join([*of_the_place, _LOG.format(self.log)]))
            if all(_says(event.step_failure_data.error, CountyError.__name__) for event in broken):
                raise CountyFailedError("\n".join([*reasons, _LOG.format(self.log)]))
            raise RunFailedError("\n".join([*reasons, _LOG.format(self.log)]))


def _remember(
    county: County,
    home: Home,
    months: Sequence[str],
    results: "Sequence[dg.ExecuteInProcessResult]",
    noted: "Noted",
) -> None:
    """Tell Dagster's page what this run did."""
    from orchestration.history import remember

    with progress.stage("release", "Dagster"):
        remember(home.root, _events(county, home, months, results, noted))


def _events(
    county: County,
    home: Home,
    months: Sequence[str],
    results: "Sequence[dg.ExecuteInProcessResult]",
    noted: "Noted",
) -> "Iterator[dg.AssetMaterialization | dg.AssetCheckEvaluation]":
    """Materialisations by partition, verdicts of gates and tests, and what is due and missing."""
    from expectations.gate import load_results
    from orchestration.due import due_verdicts
    from orchestration.gate_report import report_path
    from orchestration.materialized import by_partition
    from orchestration.verdicts import verdicts_of_feeds

    for result in results:
        for event in result.get_asset_materialization_events():
            yield from by_partition(event.materialization, noted, months)
        yield from result.get_asset_check_evaluations()
    # Feeds were taken in without their own gates: the gate over everything judged them, feed by feed.
    feeds = sorted(concerned(county, home))
    yield from verdicts_of_feeds(load_results(home), county, feeds, report_path(home))
    yield from due_verdicts(county, home)


def _is_gate(event: "dg.DagsterEvent") -> bool:
    error = event.step_failure_data.error
    return error is not None and error.cls_name == GATE_FAILED


def _says(error: "SerializableErrorInfo | None", class_name: str) -> bool:
    """Whether an error or one of its causes is of a class."""
    while error is not None and error.cls_name != class_name:
        error = error.cause
    return error is not None


def _reason(event: "dg.DagsterEvent") -> str:
    """What a failed step said: the description of a Failure, or the message at the bottom of it."""
    data = event.step_failure_data
    if data.user_failure_data is not None and data.user_failure_data.description:
        return data.user_failure_data.description
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    said = "没有说明原因 / gave no reason" if error is None else error.message.strip()
    if error is not None and error.cls_name == CountyError.__name__:
        return said.split(f"{CountyError.__name__}: ", 1)[-1]
    return f"{event.step_key}: {said}"


def _published(result: "dg.ExecuteInProcessResult") -> tuple[str | None, bool, dict[str, int]]:
    """Release id, whether it is new, and closed months overtaken by late data, from the release asset's own metadata."""
    from orchestration.translator import RELEASE_KEY

    for event in result.get_asset_materialization_events():
        if event.asset_key == RELEASE_KEY:
            metadata = event.materialization.metadata
            return (
                str(metadata["release"].value),
                bool(metadata["created"].value),
                cast(dict[str, int], metadata["overtaken"].value),  # as the release asset wrote it
            )
    return None, False, {}


def seconds_by_stage(stages: dict[str, float], total: float) -> dict[str, float]:
    """Seconds per stage; what belongs to no stage is the start-up of the tools."""
    found = {name: stages.get(name, 0.0) for name in progress.STAGES}
    found["start-up"] += total - sum(found.values())
    return {**{name: round(value, 2) for name, value in found.items()}, "total": round(total, 2)}
