"""Pages read alike in the repository and on the site, whose Markdown is stricter about blank lines and indentation."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, name_of, parsed

ITEM, ITEM_ENDS = "list_item_open", "list_item_close"
OWN_LINES = ("bullet_list_open", "ordered_list_open", "table_open")
BLOCKS = (*OWN_LINES, "fence", "paragraph_open")


def demands(page: Path) -> Iterator[tuple[int, bool, int | None]]:
    """(line, whether it must stand apart from the text above, its indentation if that matters) of blocks."""
    depth, is_long = 0, False
    for before, token in pairwise(parsed(page)):
        depth += (token.type == ITEM) - (token.type == ITEM_ENDS)
        if token.type == ITEM:
            # An item after one of several blocks needs a blank line, else it is read as part of that.
            yield token.map[0], before.type == ITEM_ENDS and is_long, None
            is_long = False
        elif token.type in BLOCKS and before.type != ITEM:
            is_long = depth > 0
            yield token.map[0], token.type in OWN_LINES, 4 * depth


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_lists_and_tables_stand_apart_and_what_belongs_to_an_item_is_indented_by_four(page: Path) -> None:
    lines = ["", *page.read_text(encoding="utf-8").splitlines()]
    wrong = []
    for number, apart, indentation in demands(page):
        above, line = lines[number].strip(), lines[number + 1]
        joined = apart and above and not above.startswith("#")
        if joined or indentation not in (None, len(line) - len(line.lstrip())):
            wrong.append(f"line {number + 1}: {line.strip()[:60]}")
    assert wrong == []
