"""Releases side by side: which there are, what one holds, what changed between two and why.

Reads releases only. Belongs here: finding and wording differences. Does not: publishing (release.py), the
walk of a single number (walkback.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from orchestration.publishing import manifest
from orchestration.publishing.marts import MARTS, RELEASE_COLUMNS, Mart, read_release
from orchestration.publishing.plan import RELEASE_ID, current_id
from orchestration.publishing.policy_rows import changed_rows
from orchestration.publishing.texts import changed_lines, changed_texts
from sources.base.home import Home

_MOST_SHOWN = 40


class HistoryError(ValueError):
    """The release asked for does not exist."""


@dataclass(frozen=True)
class ReleaseSummary:
    """One line of `release list`."""

    release_id: str
    is_current: bool
    previous: str | None
    months_computed: list[str]
    months_published: list[str]
    warnings: int
    waived: int


@dataclass(frozen=True)
class MartChange:
    """Rows of one mart that differ: key → {column: (before, after)}; keys only in one of the two."""

    mart: str
    changed: dict[tuple, dict[str, tuple[Any, Any]]] = field(default_factory=dict)
    added: list[tuple] = field(default_factory=list)
    removed: list[tuple] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.changed or self.added or self.removed)


@dataclass(frozen=True)
class Causes:
    """What differs between the inputs of two releases."""

    code_changed: bool
    policy: list[str]
    texts: list[str]
    batches_added: list[dict[str, Any]]
    batches_removed: list[dict[str, Any]]


def list_releases(home: Home) -> list[ReleaseSummary]:
    """Every finished release whose manifest is as it was written, oldest month first."""
    current = current_id(home)
    return [
        _summary(found, path.name == current)
        for path in _folders(home)
        if (found := _manifest(path)) is not None
    ]


def list_text(home: Home) -> str:
    """`release list`."""
    lines = [
        f"{'*' if r.is_current else ' '} {r.release_id:<12} 计算 {_span(r.months_computed):<18} "
        f"含 {_span(r.months_published):<18} 提示 {r.warnings} 豁免 {r.waived} 前一版本 {r.previous or '—'}"
        for r in list_releases(home)
    ]
    lost = [path.name for path in _folders(home) if _manifest(path) is None]
    if lost:
        lines.append(f"! {', '.join(lost)}: {manifest.FILE} 缺失或已改动 / is missing or was altered")
    return "\n".join(lines) if lines else "尚无发布的版本 / nothing has been published yet"


def show(home: Home, release_id: str | None = None) -> str:
    """`release show`: what a release (default: the current one) holds, and the hash of every file."""
    directory = find_release(home, release_id)
    found = manifest.require_published(home, directory)
    inputs = found["inputs"]
    lines = [
        f"版本 {found['release_id']} · {inputs['county']['name']} · 前一版本 {found['previous'] or '—'}",
        f"本次计算 {_span(found['months_computed'])} · 共含 {_span(found['months_published'])}",
        f"代码 {inputs['code_version'][:16]} · 批次 {len(inputs['batches'])} · 工具 "
        + ", ".join(f"{name} {version}" for name, version in sorted(found["tools"].items())),
        *(
            f"质控 {gate}: " + ", ".join(f"{outcome} {count}" for outcome, count in counts.items() if count)
            for gate, counts in found["gates"].items()
        ),
        *(f"{file['sha256']}  {file['bytes']:>12,}  {file['path']}" for file in found["files"]),
    ]
    return "\n".join(lines)


def diff(home: Home, before: str, after: str) -> str:
    """`release diff A B`: changed values per key of every mart, and the batches, policy and code behind them."""
    old, new = find_release(home, before), find_release(home, after)
    for directory in (old, new):
        manifest.require_published(home, directory)
    changes = compare(old, new)
    lines = [f"{old.name} → {new.name}"]
    lines += list(_causes_in_words(causes(old, new), old, new))
    if not changes:
        lines.append("公布的数据没有变化 / no published value changed")
    for change in changes:
        lines += _change_in_words(change)
    return "\n".join(lines)


def compare(old: Path, new: Path) -> list[MartChange]:
    """Marts that differ, whichever release computed the rows. Verdicts of gates are left to their report."""
    before, after = read_release(old), read_release(new)
    changes = [
        _compare_mart(mart, before[mart.name], after[mart.name])
        for mart in MARTS
        if mart.name != "mart_data_quality" and mart.name in before and mart.name in after
    ]
    return [change for change in changes if change]


def causes(old: Path, new: Path) -> Causes:
    """Inputs that differ; of the batches only those of months that both releases could see."""
    one, two = manifest.read(old), manifest.read(new)
    last = min(one["month"], two["month"])
    a, b = one["inputs"], two["inputs"]
    before, after = (
        {_batch(batch): batch for batch in side["batches"] if batch["month"] <= last} for side in (a, b)
    )
    return Causes(
        code_changed=a["code_version"] != b["code_version"],
        policy=sorted(t for t in {*a["policy"], *b["policy"]} if a["policy"].get(t) != b["policy"].get(t)),
        texts=changed_texts(old, new),
        batches_added=[after[key] for key in sorted(after.keys() - before.keys())],
        batches_removed=[before[key] for key in sorted(before.keys() - after.keys())],
    )


def _compare_mart(mart: Mart, before: pa.Table, after: pa.Table) -> MartChange:
    if before.equals(after):
        return MartChange(mart.name)
    old, new = _by_key(mart, before), _by_key(mart, after)
    changed = {}
    for key in sorted(old.keys() & new.keys(), key=str):
        moved = {
            name: (old[key].get(name), value)
            for name, value in new[key].items()
            if old[key].get(name) != value
        }
        if moved:
            changed[key] = moved
    added, removed = (sorted(keys, key=str) for keys in (new.keys() - old.keys(), old.keys() - new.keys()))
    return MartChange(mart.name, changed, added, removed)


def _by_key(mart: Mart, table: pa.Table) -> dict[tuple, dict[str, Any]]:
    kept = [name for name in table.column_names if name not in RELEASE_COLUMNS and name not in mart.key]
    keys = zip(*(table[name].to_pylist() for name in mart.key), strict=True)
    return dict(zip(keys, table.select(kept).to_pylist(), strict=True))


def _change_in_words(change: MartChange) -> Iterator[str]:
    yield f"{change.mart}:改变 {len(change.changed)} 行,新增 {len(change.added)} 行,减少 {len(change.removed)} 行"
    for key, moved in list(change.changed.items())[:_MOST_SHOWN]:
        words = ", ".join(f"{name} {_said(a)} → {_said(b)}" for name, (a, b) in moved.items())
        yield f"  {' '.join(map(str, key))}: {words}"
    if len(change.changed) > _MOST_SHOWN:
        yield f"  …… 另有 {len(change.changed) - _MOST_SHOWN} 行"


def _causes_in_words(found: Causes, old: Path, new: Path) -> Iterator[str]:
    if found.code_changed:
        yield "原因:代码版本不同 / the code differs"
    if found.policy:
        yield f"原因:政策表改变 / policy changed: {', '.join(found.policy)}"
        yield from (f"  {change}" for change in changed_rows(old, new))
    for name in found.texts:
        yield f"原因:{name} 改变 / {name} changed"
        yield from (f"  {line}" for line in changed_lines(old, new, name))
    for title, batches in (("新到批次", found.batches_added), ("不再使用的批次", found.batches_removed)):
        if batches:
            yield f"原因:{title} {len(batches)} 个"
        for batch in batches[:_MOST_SHOWN]:
            yield f"  {batch['month']} {batch['institution_id']} {batch['feed']} {batch['source_file']} ({batch['status']})"


def _folders(home: Home) -> list[Path]:
    """Folders of releases; those without a name of one were never finished."""
    return sorted((path for path in home.releases.glob("*") if RELEASE_ID.match(path.name)), key=_order)


def _manifest(directory: Path) -> manifest.Manifest | None:
    try:
        return manifest.read(directory)
    except manifest.NotIntactError:
        return None


def _summary(found: manifest.Manifest, is_current: bool) -> ReleaseSummary:
    gates = found["gates"].values()
    return ReleaseSummary(
        release_id=found["release_id"],
        is_current=is_current,
        previous=found["previous"],
        months_computed=found["months_computed"],
        months_published=found["months_published"],
        warnings=sum(counts["warn"] for counts in gates),
        waived=sum(counts["waived"] for counts in gates),
    )


def find_release(home: Home, release_id: str | None) -> Path:
    """Folder of a release (default: the current one). Raises HistoryError naming those there are."""
    name = release_id or current_id(home)
    if name is None:
        raise HistoryError("尚无发布的版本 / nothing has been published yet")
    directory = home.releases / name
    if not RELEASE_ID.match(name) or not directory.is_dir():
        known = ", ".join(path.name for path in _folders(home)) or "—"
        raise HistoryError(f"没有版本 {name},现有:{known} / no release {name}, there are: {known}")
    return directory


def _order(path: Path) -> tuple[str, int]:
    month, revision = path.name.split(".")
    return month, int(revision)


def _batch(batch: dict[str, Any]) -> tuple[str, str]:
    return batch["batch_id"], batch["status"]


def _span(months: list[str]) -> str:
    return months[0] if len(months) == 1 else f"{months[0]}–{months[-1]}"


def _said(value: Any) -> str:
    return "—" if value is None else str(value)
