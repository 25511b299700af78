"""Whether the index would come out as it is: what it was last made of, and what it became.

Believed only if every file it reads and every file it wrote is as the last building left it, by the same code, engine,
settings and decisions. Files are told by size and time, as conformed ones are everywhere. Not here: what is built.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from sources.base.files import as_it_lies, write_json
from sources.base.home import Home
from sources.base.privacy import key_check
from sources.county.county import County
from sources.county.decisions import answers, read_decisions

_SUFFIXES = {".py", ".yml", ".json", ".csv"}


class Made:
    """The index of one home: whether it is made of what is there now."""

    def __init__(self, county: County, home: Home) -> None:
        self._home, self._file = home, home.identity / "made_of.json"
        self._inputs = _digest(_inputs(county, home))

    def counts(self) -> dict[str, int] | None:
        """What the last building counted, nothing compared and nobody's key changed; None if it has to be built again."""
        try:
            known = json.loads(self._file.read_text("utf-8"))
        except FileNotFoundError:
            return None
        if known["inputs"] != self._inputs or known["outputs"] != self._outputs():
            return None
        counts: dict[str, int] = known["counts"]
        kept = counts["pairs_kept"] + counts["pairs_compared"]
        events = dict.fromkeys((name for name in counts if name.startswith("persons_")), 0)
        return {**counts, **events, "pairs_compared": 0, "pairs_kept": kept}

    def remember(self, counts: dict[str, int]) -> None:
        """Once everything else is written."""
        write_json(self._file, {"inputs": self._inputs, "outputs": self._outputs(), "counts": counts})

    def _outputs(self) -> str:
        home = self._home
        kept = (path for path in home.identity.iterdir() if path.is_file() and path != self._file)
        return _digest(_seen(home.root, [home.person_index, home.person_issue, *kept]))


def _inputs(county: County, home: Home) -> Iterator[str]:
    secret = county.pseudonym_key(os.environ)
    yield f"{key_check(secret)} {version('duckdb')} {version('pyarrow')} {_code()}"
    yield json.dumps(
        [county.settings.identity.model_dump(), answers(read_decisions(county.folder))], sort_keys=True
    )
    yield from _seen(home.root, home.conformed.glob("*/*/*/*.parquet"))
    yield from _seen(home.root, home.identity_attributes.glob("*/*.parquet"))
    for path in sorted(home.batch_standing.glob("*.parquet")):
        yield f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def _seen(root: Path, paths: Iterable[Path]) -> Iterator[str]:
    return (f"{path.relative_to(root)} {as_it_lies(path)}" for path in sorted(paths))


def _code() -> str:
    """Hash of the whole room: what decides who is one person begins with reading a file."""
    files = (path for path in sorted(Path(__file__).parents[1].rglob("*")) if path.suffix in _SUFFIXES)
    return _digest(hashlib.sha256(path.read_bytes()).hexdigest() for path in files)


def _digest(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()
