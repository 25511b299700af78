"""What a run made of each partition.

Belongs here: noting it, where Dagster keeps it (a run of the page) or where `yigongti run` finds it at its end. Does not belong
here: writing it into Dagster's memory (orchestration.history).

Dagster makes an event of every partition that a step covers and looks each one up among all the others: a run of 123 months
spent 1,604 of its 2,025 seconds on that. So a run of the command line launches each step for
one partition only, tells it its months itself (orchestration.resources), and notes here what came of which.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import dagster as dg

from orchestration.resources import Place

KEPT = "kept"
Noted = dict[dg.AssetKey, dict[str, Mapping[str, Any]]]

_noted: Noted = {}


@contextmanager
def noting() -> Iterator[Noted]:
    """What steps note inside the block: asset → partition → metadata."""
    global _noted
    before, _noted = _noted, {}
    try:
        yield _noted
    finally:
        _noted = before


def note(
    context: dg.AssetExecutionContext, place: Place, key: dg.AssetKey, made: Mapping[str, Mapping[str, Any]]
) -> None:
    """Which partitions of an asset a step made, with the metadata of each."""
    if place.months:
        _noted[key] = dict(made)
        return
    for partition, metadata in made.items():
        context.add_asset_metadata(metadata, asset_key=key, partition_key=partition)


def by_partition(
    made: dg.AssetMaterialization, noted: Noted, months: Sequence[str]
) -> Iterator[dg.AssetMaterialization]:
    """One materialization for each partition: those that the step noted, else every month. Of what was kept none: it was not made."""
    if KEPT in made.metadata:
        return
    every_month: dict[str, Mapping[str, Any]] = {month: {} for month in months}
    for partition, metadata in noted.get(made.asset_key, every_month).items():
        yield dg.AssetMaterialization(
            made.asset_key,
            description=made.description,
            metadata={**made.metadata, **metadata, "launched_by": "yigongti run"},
            partition=partition,
        )
