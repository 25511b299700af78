"""The Markdown pages of the repository, and what they hold: text without code blocks, links, anchors, mentioned paths.

Not here: any judgement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ROOMS = (
    "sources",
    "dbt_project",
    "expectations",
    "orchestration",
    "tests",
    "benchmarks",
    "docs",
    "requirements",
)
_OTHERS = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "benchmarks/README.md",
    "sources/counties/template/policy/README.md",
    "sources/onboarding/vocabulary/README.md",
    "sources/reference/README.md",
)
PAGES = tuple(sorted(DOCS.rglob("*.md"))) + tuple(ROOT / name for name in _OTHERS)
_MARKDOWN = MarkdownIt("commonmark").enable("table")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_PATH = re.compile(rf"(?<![\w./-])(?:{'|'.join(ROOMS)})/[\w./*<>|-]*[\w/*>]")
_MODULE = re.compile(r"(?<![\w./-])(?:sources|expectations|orchestration|tests|benchmarks)(?:\.[a-z_]\w*)+")


def name_of(page: Path) -> str:
    """The page as people call it."""
    return page.relative_to(ROOT).as_posix()


def parsed(page: Path) -> list[Token]:
    """The page's blocks."""
    return _MARKDOWN.parse(page.read_text(encoding="utf-8"))


def links(page: Path) -> Iterator[tuple[str, str]]:
    """(path, anchor) of every link into the repository; an empty path means the page itself."""
    for target in _LINK.findall(_prose(page)):
        if "://" not in target and not target.startswith("mailto:"):
            path, _, anchor = target.partition("#")
            yield path, anchor


def anchors(page: Path) -> set[str]:
    """Where a link into the page may lead: its headings as the repository's host numbers them, and its own anchors."""
    text = page.read_text(encoding="utf-8")
    found = set(re.findall(r'<a id="([^"]+)"', text))
    for heading in re.findall(r"^#+ +(.+?)\s*$", _prose(page), re.MULTILINE):
        plain = re.sub(r"<[^>]*>|\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


def mentioned_paths(page: Path) -> set[str]:
    """Paths of the repository that the page names; `<feed>` and `*` stand for any name."""
    return set(_PATH.findall(_without_links(page)))


def mentioned_modules(page: Path) -> set[str]:
    """Modules that the page names, with or without something in them; an example of code may name new ones."""
    return set(_MODULE.findall(_prose(page)))


def _prose(page: Path) -> str:
    """The page without its code blocks."""
    return re.sub(r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def _without_links(page: Path) -> str:
    return re.sub(r"\]\([^)]*\)|https?://\S+", " ", page.read_text(encoding="utf-8"))
