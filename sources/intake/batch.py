"""A batch on its way: one delivery of one feed, admitted once, carried from the inbox to its outcome.

Not here: how it is admitted and landed (receiving, extraction), conformed and settled (settling).
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from sources.base.refusal import Refusal
from sources.intake.manifest import DeliveredFile, Manifest
from sources.intake.outcome import BatchOutcome
from sources.mappings.load import MappingFile
from sources.mappings.plan import FeedPlan


@dataclass(frozen=True)
class InForce:
    """What decides how a batch is conformed: a mapping, its plan of the feed, and a hash of all there is besides the rows."""

    mapping: MappingFile
    plan: FeedPlan
    fingerprint: str

    @property
    def kind(self) -> tuple[str, str, str]:
        """Batches of one kind can be conformed together."""
        return self.plan.contract.feed, self.mapping.name, self.fingerprint


@dataclass(frozen=True)
class Refused:
    """Why a batch is not taken in; `fingerprint` is that in force, empty when no mapping has the feed any more."""

    refusal: Refusal
    landed: str
    fingerprint: str


@dataclass(frozen=True)
class Landed:
    """What landed of a batch and waits to be conformed; `held` are its rows when they came in one piece and are still in
    memory.
    """

    manifest: Manifest
    in_force: InForce
    landed: str
    held: tuple[pa.Table, ...] | None = None


@dataclass(frozen=True)
class Batch:
    """One delivered file and its fate: refused, waiting to be conformed, or the outcome of an earlier run that still holds.

    `landed` of a fate is 'new' or 'unchanged'.
    """

    file: DeliveredFile
    fate: Refused | Landed | BatchOutcome

    @property
    def batch_id(self) -> str:
        return self.file.batch_id
