"""What a mapping says of the file of one feed, in the words of the connectors, and the file read by it.

Not here: formats (connectors) or what the columns mean (plan).
"""

from __future__ import annotations

from dataclasses import replace

from sources.base.likeness import normalise_header
from sources.connectors.delivered import Delivered
from sources.connectors.files import read_any
from sources.connectors.source import Source
from sources.connectors.wanted import Wanted
from sources.mappings.plan import FeedPlan

ALL, _EVERY = "all", "*"


def wanted_by(plan: FeedPlan) -> Wanted:
    """What the mapping of one feed says of its file."""
    feed = plan.feed_mapping
    others = {**plan.mapping.aliases, **feed.aliases}
    aliases = {normalise_header(name) for names in others.values() for name in names}
    return Wanted(
        headers=frozenset(plan.used_headers | aliases),
        least=(len(plan.used_headers) + 1) // 2,
        header_row=feed.header_row if "header_row" in feed.model_fields_set else None,
        sheet=feed.sheet,
        delimiter=feed.delimiter,
        encoding=feed.encoding,
        fixed_width=tuple(feed.fixed_width.items()),
        claimed=frozenset(
            other.sheet.strip() for other in plan.mapping.feeds.values() if other.sheet and other is not feed
        ),
        sheets=_EVERY if feed.sheets == ALL else feed.sheets,
        claimed_like=tuple(
            other.sheets
            for other in plan.mapping.feeds.values()
            if other.sheets and other.sheets != ALL and other is not feed
        ),
    )


def read_file(source: Source, plan: FeedPlan) -> Delivered:
    """Rows of one delivered file as text, in chunks. Raises RefusedError with what is wrong and how to mend it.

    No rows of which the names would stand in the rows are a delivery of nothing, not one without its columns.
    """
    delivered = read_any(source, wanted_by(plan))
    return delivered if delivered.header else replace(delivered, header=tuple(sorted(plan.used_headers)))
