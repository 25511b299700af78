"""Ingest: what orchestration calls to bring deliveries from the inbox to conformed rows. Idempotent.

Here: the entry points. Not here: how a delivery is received and settled (intake).
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from sources.base.home import Home
from sources.base.refusal import RefusedError
from sources.county.county import County
from sources.handover import prepare
from sources.intake.delivery import Delivery
from sources.intake.inbox import find_deliveries, unclaimed_files, unmatched_totals
from sources.intake.intake import Intake
from sources.intake.landing import Landing
from sources.intake.outcome import BatchOutcome
from sources.intake.receiving import opened

__all__ = [
    "BatchOutcome",
    "Delivery",
    "find_deliveries",
    "ingest_feed",
    "prepare",
    "replay",
    "unclaimed_files",
    "unmatched_totals",
    "waiting_deliveries",
]


def ingest_feed(
    county: County,
    home: Home,
    feed: str,
    months: Iterable[str],
    institutions: Iterable[str] | None = None,
    full: bool = False,
) -> list[BatchOutcome]:
    """Land and conform everything the inbox holds of a feed for these months, in the order of deliverer and month.

    `full` conforms again even what has not changed. Raises CountyError without a key, KeyMismatchError with another.
    """
    months = list(months)
    wanted = None if institutions is None else list(institutions)
    # What came later is taken in later: of two files for one month the times of the files say which.
    deliveries = sorted(
        find_deliveries(county, [feed], months, wanted),
        key=lambda d: (d.institution_id, d.month, d.modified_at, d.file, d.sheet or ""),
    )
    with Intake(county, home) as intake:
        for institution, month in sorted({(d.institution_id, d.month) for d in deliveries}):
            intake.landing.sweep(feed, institution, month)
        outcomes = intake.take(deliveries, full)
        intake.forget_withdrawn(feed, months, wanted, outcomes)
    return outcomes


def replay(
    county: County,
    home: Home,
    feed: str | None = None,
    institution: str | None = None,
    month: str | None = None,
) -> list[BatchOutcome]:
    """Conform landed batches again with today's mappings and contracts, without asking the institutions anew."""
    with Intake(county, home) as intake:
        chosen = [
            manifest
            for manifest in intake.landing.manifests()
            if feed in (None, manifest.feed)
            and institution in (None, manifest.institution_id)
            and month in (None, manifest.month)
        ]
        return intake.conform_again(chosen)


def waiting_deliveries(county: County, home: Home, months: Iterable[str]) -> list[Delivery]:
    """Deliveries in the inbox for other than these months that have not landed (late, early, for a closed month).

    Databases are left out: whether they hold anything new only an extraction can tell.
    """
    inside = set(months)
    landing = Landing(home, county.pseudonym_key(os.environ))
    found = [delivery for delivery in find_deliveries(county) if not delivery.is_database]
    others = [delivery for delivery in found if delivery.month not in inside]
    return [delivery for delivery in others if not _has_landed(county, landing, delivery)]


def _has_landed(county: County, landing: Landing, delivery: Delivery) -> bool:
    try:
        with opened(county, delivery) as (file, _):
            return landing.manifest(file) is not None
    except RefusedError:
        return False
