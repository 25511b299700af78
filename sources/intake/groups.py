"""Groups: batches of one kind put together, because planning a statement costs as much as judging thousands of rows.

Not here: judging them (settling).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sources.intake.batch import Landed

# A group is enough when it holds this many rows or batches.
_GROUP_ROWS = 200_000
_GROUP_BATCHES = 64


def in_groups(batches: Iterable[Landed]) -> Iterator[list[Landed]]:
    """Batches of one feed under one mapping together: each group as soon as it is full, what is left at the end.

    A group shares what is in force; its batches stay in the order in which they came.
    """
    groups: dict[tuple[str, str, str], list[Landed]] = {}
    for batch in batches:
        kind = batch.in_force.kind
        group = groups.setdefault(kind, [])
        group.append(batch)
        if _is_full(group):
            yield groups.pop(kind)
    yield from groups.values()


def _is_full(group: list[Landed]) -> bool:
    rows = sum(batch.manifest.delivered_rows for batch in group)
    return rows >= _GROUP_ROWS or len(group) >= _GROUP_BATCHES
