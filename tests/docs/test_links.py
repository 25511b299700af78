"""Pages lead somewhere: links, mentioned paths, modules and make targets exist, and every page can be found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import (
    DOCS,
    PAGES,
    ROOT,
    anchors,
    links,
    mentioned_modules,
    mentioned_paths,
    name_of,
)


def _target(page: Path, path: str) -> Path:
    return (page.parent / path).resolve() if path else page


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    broken = []
    for path, anchor in links(page):
        target = _target(page, path)
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(f"{path}#{anchor}" if anchor else path)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_mentioned_paths_exist(page: Path) -> None:
    absent = []
    for path in mentioned_paths(page):
        pattern = re.sub(r"<[^>]*>", "*", path)
        if not any(ROOT.glob(pattern.rstrip("/"))):
            absent.append(path)
    assert absent == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_mentioned_modules_exist(page: Path) -> None:
    assert [name for name in mentioned_modules(page) if not _is_known(name)] == []


def _is_known(name: str) -> bool:
    """A package, a module, or something that a module defines."""
    path = ROOT / name.replace(".", "/")
    if path.is_dir() or path.with_suffix(".py").is_file():
        return True
    module = path.parent.with_suffix(".py")
    return module.is_file() and re.search(rf"\b{path.name}\b", module.read_text(encoding="utf-8")) is not None


def test_mentioned_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    mentioned = set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE))
    assert mentioned and mentioned <= targets


def test_every_page_is_reachable_from_the_index() -> None:
    waiting, found = [DOCS / "README.md"], set()
    while waiting:
        page = waiting.pop()
        if page not in found and page.suffix == ".md" and page.is_file():
            found.add(page)
            waiting += [_target(page, path) for path, _ in links(page)]
    assert [name_of(page) for page in sorted(DOCS.rglob("*.md")) if page not in found] == []
