"""The plan of the house, as far as the import linter cannot say it: which words may stand in which room."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sources.contracts.load import load_contracts

ROOT = Path(__file__).parents[1]
# The county that does not exist has to write every feed by name; a contract is named by its file.
MAY_NAME_FEEDS = ("sources/simulator/", "sources/contracts/")
FEED = re.compile(rf"\b({'|'.join(load_contracts())})\b")
# Options and epilogs of commands show how they are used.
SHOWN_TO_PEOPLE = ("help", "epilog")
AT_MOST_FLAT = 6


def modules() -> list[str]:
    rooms = ("sources", "expectations", "orchestration")
    found = [path.relative_to(ROOT).as_posix() for room in rooms for path in (ROOT / room).rglob("*.py")]
    return sorted(name for name in found if not name.startswith(MAY_NAME_FEEDS))


def said_by_program(tree: ast.Module) -> Iterator[ast.Constant]:
    """Texts of a module that are neither documentation nor examples for people."""
    shown: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            shown.add(id(node.value))
        if isinstance(node, ast.keyword) and node.arg in SHOWN_TO_PEOPLE:
            shown |= {id(each) for each in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in shown:
            yield node


@pytest.mark.parametrize("name", modules())
def test_no_module_knows_a_feed_by_name(name: str) -> None:
    """A new feed is a contract and nothing else: what is special about one stands there, as a word of the contract."""
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    named = [
        f"{name}:{node.lineno} {node.value!r}" for node in said_by_program(tree) if FEED.search(node.value)
    ]
    assert named == []


def test_rooms_are_few() -> None:
    """What everybody passes stays empty: the rooms of `sources` hold the modules."""
    flat = [path.name for path in (ROOT / "sources").glob("*.py")]
    assert len(flat) <= AT_MOST_FLAT, sorted(flat)
