"""Holds the contracts against the shapes last accepted: which change is incompatible, and does the version say so?

`python -m sources.contracts.versions` reports and fails when a version does not say what changed; with `--accept` it
also keeps today's shapes as accepted. Not here: what counts as a change (compatibility).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sources.contracts.compatibility import Bump, Change, bumped, changes, says
from sources.contracts.load import CONTRACTS_DIR, load_contracts
from sources.contracts.shape import Shape, shape_of

ACCEPTED = CONTRACTS_DIR / "accepted.json"
_LEVELS = {
    Bump.MAJOR: "不兼容 breaking",
    Bump.MINOR: "兼容 compatible",
    Bump.PATCH: "文字 wording",
}


@dataclass(frozen=True)
class Verdict:
    """What became of one feed since its shape was accepted; `problem` says what its version or status lacks."""

    feed: str
    before: str | None
    after: str | None
    found: tuple[Change, ...] = ()
    problem: str | None = None

    def lines(self) -> Iterator[str]:
        """The verdict for people."""
        yield f"{self.feed}  {self.before or '新增 new'} → {self.after or '已删除 removed'}"
        for change in self.found:
            where = f"{change.column}: " if change.column else ""
            yield f"  {_LEVELS[change.level]}  {where}{change.zh} / {change.en}"
        if self.problem:
            yield f"  ✗ {self.problem}"


def judge(accepted: Mapping[str, Shape], today: Mapping[str, Shape]) -> list[Verdict]:
    """A verdict for every feed that is new, gone, or differs in shape or version."""
    verdicts = []
    for feed in sorted(accepted.keys() | today.keys()):
        before, after = accepted.get(feed), today.get(feed)
        if before is None:
            verdicts.append(Verdict(feed, None, today[feed].version))
        elif after is None:
            verdicts.append(_gone(feed, before))
        elif (found := tuple(changes(before, after))) or before.version != after.version:
            verdicts.append(_changed(feed, before, after, found))
    return verdicts


def _changed(feed: str, before: Shape, after: Shape, found: tuple[Change, ...]) -> Verdict:
    level = max((change.level for change in found), default=Bump.NONE)
    problem = None
    if not says(before.version, after.version, level):
        wanted = bumped(before.version, level)
        problem = f"版本至少应为 {wanted} / the version must be at least {wanted}"
    return Verdict(feed, before.version, after.version, found, problem)


def _gone(feed: str, before: Shape) -> Verdict:
    problem = None
    if before.feed["status"] != "deprecated":
        problem = "先以 status: deprecated 留一版再删除 / keep it one version with status: deprecated first"
    return Verdict(
        feed, before.version, None, (Change(Bump.MAJOR, None, "数据表已删除", "feed removed"),), problem
    )


def read_accepted(path: Path) -> dict[str, Shape]:
    """The shapes last accepted, by feed."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    return {feed: Shape.from_json(shape) for feed, shape in kept.items()}


def accepted_text(shapes: Mapping[str, Shape]) -> str:
    """The file of accepted shapes: a line per feed and per column, so that a change is read line by line."""
    feeds = []
    for feed in sorted(shapes):
        shape = shapes[feed].as_json()
        columns = shape.pop("columns")
        head = ",\n".join(f"  {_json(name)}: {_json(value)}" for name, value in shape.items())
        body = ",\n".join(f"   {_json(name)}: {_json(column)}" for name, column in columns.items())
        feeds.append(f' {_json(feed)}: {{\n{head},\n  "columns": {{\n{body}\n  }}\n }}')
    return "{\n" + ",\n".join(feeds) + "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def today() -> dict[str, Shape]:
    """The shapes of the contracts as they stand."""
    return {feed: shape_of(contract) for feed, contract in load_contracts().items()}


def main(arguments: list[str]) -> int:
    """Report; 0 when every version says what changed, else 1. `--accept` keeps today's shapes when it is 0."""
    accepting = arguments == ["--accept"]
    if arguments and not accepting:
        print("usage: python -m sources.contracts.versions [--accept]", file=sys.stderr)
        return 2
    shapes = today()
    verdicts = judge(read_accepted(ACCEPTED) if ACCEPTED.is_file() else {}, shapes)
    for verdict in verdicts:
        print("\n".join(verdict.lines()))
    unfit = [verdict.feed for verdict in verdicts if verdict.problem]
    if unfit:
        print(
            f"版本未随改动提升 / versions that do not say what changed: {', '.join(unfit)}", file=sys.stderr
        )
        return 1
    if accepting:
        ACCEPTED.write_text(accepted_text(shapes), encoding="utf-8")
        print(f"wrote {ACCEPTED.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
