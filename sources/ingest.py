"""Ingest: what orchestration calls to bring deliveries from the inbox to conformed rows. Idempotent.

Here: the entry points. Not here: how a delivery is received and settled (intake).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable

from sources.base.home import Home
from sources.base.refusal import RefusedError
from sources.county.county import County
from sources.handover import prepare
from sources.intake.arrivals import Arrival, Arrivals, arrived_feeds
from sources.intake.comparison import MovedLine
from sources.intake.deciding import write_standing
from sources.intake.delivery import Delivery
from sources.intake.extracted import deletes
from sources.intake.inbox import find_deliveries, unclaimed_files, unmatched_totals
from sources.intake.intake import Intake
from sources.intake.landing import Landing
from sources.intake.ledger import find_batch
from sources.intake.manifest import Manifest, read_manifest
from sources.intake.outcome import BatchOutcome
from sources.intake.receiving import opened
from sources.intake.retirement import RETIRED, Retirement
from sources.intake.retirement import moved_lines as lines_moved
from sources.intake.standing import Standing, out_of_force, read_standing
from sources.intake.withdrawals import Decision, decide

__all__ = [
    "BatchOutcome",
    "Delivery",
    "deleted_at_the_source",
    "find_deliveries",
    "gone_files",
    "ingest_feed",
    "moved_lines",
    "prepare",
    "replay",
    "retire",
    "retired",
    "take_in_deliveries",
    "unclaimed_files",
    "unmatched_totals",
    "waiting_deliveries",
    "withdraw",
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
    deliveries = find_deliveries(county, [feed], months, wanted)
    return take_in_deliveries(county, home, feed, deliveries, months, wanted, full)


def take_in_deliveries(
    county: County,
    home: Home,
    feed: str,
    deliveries: Iterable[Delivery],
    months: Collection[str],
    institutions: Collection[str] | None,
    full: bool,
) -> list[BatchOutcome]:
    """As `ingest_feed`, when somebody has looked already what there is: `deliveries` of the feed, months and institutions."""
    # What came later is taken in later: of two files for one month the times of the files say which.
    ordered = sorted(
        deliveries, key=lambda d: (d.institution_id, d.month, d.modified_at, d.file, d.sheet or "")
    )
    with Intake(county, home) as intake:
        for institution, month in sorted({(d.institution_id, d.month) for d in ordered}):
            intake.landing.sweep(feed, institution, month)
        outcomes = intake.take(ordered, full)
        intake.forget_withdrawn(feed, months, institutions, outcomes)
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


def withdraw(county: County, home: Home, decision: Decision) -> Standing | None:
    """Take a batch out of force, or put it back; what is to be said of it then. Raises LookupError for a batch that is none."""
    found = find_batch(home, decision.batch_id)
    if found is None:
        raise LookupError(decision.batch_id)
    feed, _ = found
    decide(home, decision)
    write_standing(county, home, Arrivals(home, feed), feed)
    return read_standing(home, feed).get(decision.batch_id)


def moved_lines(home: Home, batch_id: str) -> list[MovedLine]:
    """Lines of a batch that stand later under another institution and are else the same. Raises LookupError for a batch that
    has not landed.
    """
    return lines_moved(home, _landed(home, batch_id))


def retire(county: County, home: Home, lines: Collection[int], said: Retirement) -> BatchOutcome:
    """Let lines of a batch count no longer. Raises LookupError for a batch that has not landed."""
    origin = _landed(home, said.batch_id)
    with Intake(county, home) as intake:
        return intake.retire(origin, lines, said)


def retired(home: Home, months: Iterable[str]) -> list[Manifest]:
    """Batches in force of lines that people retired."""
    wanted, dead = set(months), out_of_force(home)
    return [
        _landed(home, each.batch_id)
        for feed in arrived_feeds(home)
        for (_, month), arrivals in sorted(Arrivals(home, feed).places.items())
        for each in arrivals
        if month in wanted and each.file.endswith(RETIRED) and each.batch_id not in dead
    ]


def _landed(home: Home, batch_id: str) -> Manifest:
    found = find_batch(home, batch_id)
    if found is not None:
        feed, batch = found
        path = home.landed_batch(feed, batch.institution_id, batch.month, batch_id) / "manifest.json"
        if path.is_file():
            return read_manifest(path)
    raise LookupError(batch_id)


def deleted_at_the_source(county: County, home: Home, months: Iterable[str]) -> list[Manifest]:
    """Batches of rows that a database had and has no longer."""
    deliverers = {each.institution for each in county.configuration.deliveries if each.database is not None}
    found = [
        path
        for month in set(months)
        for who in deliverers
        for path in home.landing.glob(f"*/institution_id={who}/month={month}/*/manifest.json")
    ]
    return [manifest for manifest in map(read_manifest, sorted(found)) if deletes(manifest)]


def gone_files(county: County, home: Home, months: Iterable[str]) -> list[Arrival]:
    """Batches in force whose file no longer lies in the inbox, although others of its deliverer and month do.

    An inbox that was emptied as a whole has only been put in order; a single file that is gone was perhaps meant to be taken
    back.
    """
    wanted = set(months)
    there = {(d.institution_id, d.month) for d in find_deliveries(county, months=wanted) if not d.is_database}
    found = []
    for feed in arrived_feeds(home):
        dead = out_of_force(home, feed)
        for place, arrivals in sorted(Arrivals(home, feed).places.items()):
            if place in there:
                by_batch = {each.batch_id: each for each in arrivals if not each.only_adds}
                lying = {each.batch_id for each in arrivals if (county.inbox / each.file).exists()}
                found += [each for batch, each in by_batch.items() if batch not in dead | lying]
    return found


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
