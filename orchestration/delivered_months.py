"""What a run asks of the inbox before it starts: which months, what is missing, whether anything changed.

Belongs here: questions about files by name, size and time. Does not belong here: which file is whose delivery
(sources.intake.inbox), reading or judging a delivery.
"""

import hashlib
from collections.abc import Iterable

from sources.base.files import as_it_lies
from sources.base.months import months_between
from sources.county.county import County


def months_delivered(county: County) -> tuple[str, ...]:
    """Months of the county for which anything lies in the inbox, in order."""
    from sources.intake.inbox import find_deliveries

    last = county.last_month or "9999-12"
    found = {each.month for each in find_deliveries(county)}
    return tuple(sorted(month for month in found if county.first_month <= month <= last))


def missing(county: County, months: Iterable[str]) -> list[tuple[str, str, str]]:
    """(month, deliverer, feed) that a mapping provides for and nobody delivered."""
    from sources.intake.inbox import find_deliveries

    wanted = list(months)
    delivered = {
        (each.month, each.institution_id, each.feed) for each in find_deliveries(county, months=wanted)
    }
    expected = (
        (month, deliverer, feed)
        for month in wanted
        for deliverer in county.deliverers
        for feed in county.expected_feeds(deliverer)
    )
    return sorted(each for each in expected if each not in delivered)


def stamp(county: County) -> str:
    """One hash over a county folder: names, sizes and times of delivered files, content of the settings."""
    digest = hashlib.sha256()
    for path in sorted(county.folder.rglob("*")):
        relative = path.relative_to(county.folder)
        if not path.is_file() or relative.parts[0] == "truth":
            continue
        is_data = relative.parts[0] == "inbox" or relative.suffix == ".sqlite"
        state = as_it_lies(path) if is_data else hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{relative}\0{state}\n".encode())
    return digest.hexdigest()


def spans(months: Iterable[str]) -> list[tuple[str, ...]]:
    """Months in groups without gaps: a run covers a range."""
    groups: list[list[str]] = []
    for month in sorted(set(months)):
        if groups and months_between(groups[-1][-1], month) == [groups[-1][-1], month]:
            groups[-1].append(month)
        else:
            groups.append([month])
    return [tuple(group) for group in groups]
