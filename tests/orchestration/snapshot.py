"""Everything Dagster is told, as sorted text: one line per asset, dependency, check, job, schedule and sensor.

`python -m tests.orchestration.snapshot` accepts what is defined now; the difference is then read in the commit.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

FILE = Path(__file__).with_name("definitions.txt")
ACCEPT = "python -m tests.orchestration.snapshot"


def describe(defs: dg.Definitions) -> str:
    """The whole of the definitions, a line each."""
    return "\n".join([*_assets(defs), *_checks(defs), *_jobs(defs), *_automation(defs), *_rest(defs)]) + "\n"


def _assets(defs: dg.Definitions) -> Iterator[str]:
    graph = defs.resolve_asset_graph()
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        role = "asset" if node.is_executable else "external"
        yield f"{role} {_name(key)} group={node.group_name} partitions={_partitions(node.partitions_def)} pools={sorted(node.pools or ())}"
        yield from (f"    from {_name(parent)}" for parent in sorted(node.parent_keys))


def _checks(defs: dg.Definitions) -> Iterator[str]:
    graph = defs.resolve_asset_graph()
    for key in sorted(graph.asset_check_keys, key=lambda key: (key.asset_key, key.name)):
        blocking = "blocking" if graph.get_check_spec(key).blocking else "not blocking"
        yield f"check {_name(key.asset_key)} {key.name} {blocking}"


def _jobs(defs: dg.Definitions) -> Iterator[str]:
    for job in sorted(defs.jobs, key=lambda job: job.name):
        resolved = defs.resolve_job_def(job.name)
        yield f"job {job.name} partitions={_partitions(resolved.partitions_def)} executor={resolved.executor_def.name}"
        selected = sorted(resolved.asset_layer.selected_asset_keys)
        yield from (f"    runs {_name(key)}" for key in selected)


def _automation(defs: dg.Definitions) -> Iterator[str]:
    for schedule in sorted(defs.schedules, key=lambda one: one.name):
        yield (
            f"schedule {schedule.name} cron={schedule.cron_schedule} timezone={schedule.execution_timezone} "
            f"job={schedule.job_name} {schedule.default_status.value}"
        )
    for sensor in sorted(defs.sensors, key=lambda one: one.name):
        jobs = ",".join(sorted(target.job_name for target in sensor.targets))
        yield (
            f"sensor {sensor.name} {sensor.sensor_type.value} every={sensor.minimum_interval_seconds} "
            f"jobs={jobs} {sensor.default_status.value}"
        )


def _rest(defs: dg.Definitions) -> Iterator[str]:
    yield from (f"resource {name}" for name in sorted(defs.resources))
    yield from (f"logger {name}" for name in sorted(defs.loggers))
    yield f"executor {defs.executor.name}"


def _name(key: dg.AssetKey) -> str:
    return key.to_user_string()


def _partitions(definition: dg.PartitionsDefinition | None) -> str:
    """Dimensions with how many keys each has, or the first and the last key."""
    if isinstance(definition, dg.MultiPartitionsDefinition):
        return " × ".join(
            f"{one.name}:{_partitions(one.partitions_def)}" for one in definition.partitions_defs
        )
    if definition is None:
        return "none"
    keys = definition.get_partition_keys()
    return f"{keys[0]}…{keys[-1]}({len(keys)})"


def accept() -> None:
    """Write the file anew from the demo county."""
    from orchestration.definitions import build_defs
    from tests.orchestration.conftest import copy_demo

    with tempfile.TemporaryDirectory() as folder:
        FILE.write_text(
            describe(build_defs(copy_demo(Path(folder) / "demo"), Path(folder) / "home")), "utf-8"
        )


if __name__ == "__main__":
    accept()
