"""The inbox: which file there is whose delivery of which feed and month, told from its path alone.

Here: matching paths against the patterns of the mappings, the months databases can be asked for. Cheap: nothing is opened.
Not here: control files (control), reading or landing deliveries (receiving).
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path, PurePosixPath

from sources.base.months import month_number, month_text, shanghai_time
from sources.conforming.personal import shown_numbers, shown_text
from sources.connectors.files import WORKBOOK_SUFFIXES
from sources.county.county import County
from sources.county.settings import Deliverer
from sources.intake.control import CONTROL_FILE, is_control_file, totals_of_nothing
from sources.intake.delivery import Delivery
from sources.mappings.load import MappingFile


def find_deliveries(
    county: County,
    feeds: Iterable[str] | None = None,
    months: Iterable[str] | None = None,
    institutions: Iterable[str] | None = None,
) -> list[Delivery]:
    """What the mappings find in the inbox and in databases, sorted by feed, deliverer, month and file; narrowed where
    asked. No database is opened: it is taken to have every month of the county that is over.
    """
    wanted_feeds, wanted_months = _maybe_set(feeds), _maybe_set(months)
    wanted_institutions = _maybe_set(institutions)
    found = []
    claims = [claim for claim in _claims(county) if wanted_feeds is None or claim.feed in wanted_feeds]
    for name in _files(county.inbox):
        places = [(claim, place) for claim in claims if (place := claim.place(name)) is not None]
        for claim, (institution, month) in places:
            if wanted_months is not None and month not in wanted_months:
                continue
            if wanted_institutions is not None and institution not in wanted_institutions:
                continue
            others = [other.mapping.name for other, _ in places if other.contests(claim)]
            found.append(claim.delivery(county.inbox / name, name, institution, month, tuple(others)))
    for delivery in database_deliveries(county, wanted_months):
        asked = wanted_feeds is None or delivery.feed in wanted_feeds
        if asked and (wanted_institutions is None or delivery.institution_id in wanted_institutions):
            found.append(delivery)
    return sorted(found, key=lambda d: (d.feed, d.institution_id, d.month, d.file, d.sheet or ""))


def unclaimed_files(county: County, months: Iterable[str] | None = None) -> list[str]:
    """Inbox files that no mapping claims (relative paths, sorted): a renamed export must not vanish silently.

    With `months`, only files whose path speaks of one of them, or of no month at all.
    """
    claims, wanted = list(_claims(county)), _maybe_set(months)
    unclaimed = [name for name in _files(county.inbox) if all(claim.place(name) is None for claim in claims)]
    return sorted(_shown(name) for name in unclaimed if wanted is None or _speaks_of(name, wanted))


def unmatched_totals(county: County, months: Iterable[str] | None = None) -> list[str]:
    """Lines of control files that no delivery answers to, as `path:line file`, sorted: what the sender counted is not there."""
    wanted, places = _maybe_set(months), []
    for institution in county.deliverers:
        folder = county.inbox / institution
        names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        places += [(institution, name) for name in names if _is_month(name) and name in (wanted or {name})]
    deliveries = find_deliveries(county, months={month for _, month in places}) if places else []
    files = [delivery for delivery in deliveries if not delivery.is_database]
    found = []
    for institution, month in places:
        there = [each for each in files if (each.institution_id, each.month) == (institution, month)]
        for line, name in totals_of_nothing(county.inbox, institution, month, there):
            found.append(f"{institution}/{month}/{CONTROL_FILE}:{line} {_shown(name)}")
    return found


def _speaks_of(name: str, months: set[str]) -> bool:
    folders = [part for part in PurePosixPath(name).parts if _is_month(part)]
    return not folders or any(part in months for part in folders)


def _is_month(text: str) -> bool:
    try:
        return month_number(text) > 0
    except ValueError:
        return False


def _maybe_set(items: Iterable[str] | None) -> set[str] | None:
    return None if items is None else set(items)


def _files(inbox: Path) -> list[str]:
    """Paths relative to the inbox, with slashes, sorted; also folders that cannot be looked into, which nobody claims."""
    found: list[str] = []
    closed: list[str] = []
    for folder, folders, names in os.walk(inbox, onerror=lambda error: closed.append(str(error.filename))):
        prefix = _relative(folder, inbox)
        links = [name for name in folders if Path(folder, name).is_symlink()]
        found += [prefix + name for name in (*names, *links) if not _is_beside_the_point(prefix + name)]
    found += [_relative(folder, inbox) for folder in closed if Path(folder).exists()]
    return sorted(found)


def _relative(folder: str, inbox: Path) -> str:
    prefix = os.path.relpath(folder, inbox).replace(os.sep, "/")
    return "" if prefix == "." else f"{prefix}/"


def _is_plain(name: str) -> bool:
    """Whether a path can be shown, written down and published: no control characters, no bytes that are no text, no
    number of a person.
    """
    return name.isprintable() and shown_numbers(name) == name


def _shown(name: str) -> str:
    """A path nobody claims as it may be shown."""
    plain = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)
    return shown_text(plain)


def _is_beside_the_point(path: str) -> bool:
    """Control files in their place, hidden files, and what Office or a transfer leaves while it is at work."""
    name = PurePosixPath(path).name
    is_at_work = name.startswith((".", "~$")) or name.endswith((".tmp", ".part", ".filepart"))
    return is_at_work or is_control_file(path)


@dataclass(frozen=True)
class _Claim:
    """A mapping's claim on inbox files for one feed, and the deliverers that use the mapping."""

    feed: str
    mapping: MappingFile
    deliverers: frozenset[str]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return self.mapping.claim_pattern(self.feed)

    def place(self, name: str) -> tuple[str, str] | None:
        """(deliverer, month) of a file of this claim, None for any other file."""
        match = self._pattern.fullmatch(name)
        if match is None or not _is_plain(name):
            return None
        parts = match.groupdict()
        institution = parts.get("institution") or next(iter(self.deliverers))
        months = {part for part in (parts.get("month"), _dashed(parts.get("yyyymm"))) if part}
        if institution not in self.deliverers or len(months) != 1 or not _is_month(min(months)):
            return None
        return institution, months.pop()

    def contests(self, other: _Claim) -> bool:
        """Whether both would take in the same rows of a file: the same feed, and not different sheets."""
        sheets = {each.mapping.mapping.feeds[each.feed].sheet for each in (self, other)}
        return self is not other and self.feed == other.feed and (len(sheets) == 1 or None in sheets)

    def delivery(
        self, path: Path, name: str, institution: str, month: str, contested_by: tuple[str, ...]
    ) -> Delivery:
        is_workbook = path.suffix.lower() in WORKBOOK_SUFFIXES
        sheet = self.mapping.mapping.feeds[self.feed].sheet if is_workbook else None
        try:
            stat = path.stat()
            size, moment = stat.st_size, shanghai_time(stat.st_mtime)
        except OSError:
            # Gone since it was listed, or a link to nowhere: taking it in says so.
            size, moment = 0, shanghai_time(0)
        place = (self.feed, institution, month, name, sheet, self.mapping.name, size, moment)
        return Delivery(*place, contested_by=contested_by)


def _dashed(yyyymm: str | None) -> str | None:
    return f"{yyyymm[:4]}-{yyyymm[4:]}" if yyyymm else None


def _claims(county: County) -> Iterator[_Claim]:
    users: dict[str, set[str]] = {}
    for delivery in county.configuration.deliveries:
        users.setdefault(delivery.mapping, set()).add(delivery.institution)
    for name, deliverers in sorted(users.items()):
        mapping = county.mappings[name]
        for feed, feed_mapping in mapping.mapping.feeds.items():
            if not feed_mapping.is_database:
                yield _Claim(feed, mapping, frozenset(deliverers))


# -- databases: every month that is over can be asked for


def database_deliveries(county: County, months: Iterable[str] | None) -> Iterator[Delivery]:
    """A delivery for every feed that comes from a database, for these months or all of the county that are over.

    An SQLite file that is not there has not been delivered, as any other file.
    """
    wanted = county.months_over(shanghai_time(time.time())) if months is None else sorted(months)
    for deliverer in county.configuration.deliveries:
        sqlite = deliverer.database and deliverer.database.sqlite
        if deliverer.database is None or (sqlite and not (county.folder / sqlite).is_file()):
            continue
        for feed, keys in county.mappings[deliverer.mapping].mapping.feeds.items():
            if keys.is_database:
                for month in wanted:
                    yield _database_delivery(county, deliverer, feed, month)


def _database_delivery(county: County, deliverer: Deliverer, feed: str, month: str) -> Delivery:
    keys = county.mappings[deliverer.mapping].mapping.feeds[feed]
    table = keys.source(deliverer.institution, month, ()).table or feed
    moment = datetime.fromisoformat(f"{month_text(month_number(month) + 1)}-01")
    if sqlite := deliverer.database and deliverer.database.sqlite:
        moment = shanghai_time((county.folder / sqlite).stat().st_mtime)
    name = f"database/{deliverer.institution}/{table}"
    return Delivery(
        feed, deliverer.institution, month, name, None, deliverer.mapping, 0, moment, is_database=True
    )
