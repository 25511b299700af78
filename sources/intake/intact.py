"""Intact: what lies among the landed and the conformed is what was put there, or whatever is not is named.

Sizes and times are asked, content only where a file was written after its outcome (or everywhere, when asked). Rows that
landed are encrypted with their authentication, so that their size is enough here: reading altered ones fails. Not here:
releases (publishing), the writing of outcomes (outcome), the words (losses).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sources.base.engine import ask, matching
from sources.base.home import Home
from sources.intake import losses
from sources.intake.arrivals import Arrivals, arrived_feeds
from sources.intake.ledger import TakenIn, taken_in
from sources.intake.losses import AlteredError, Loss, in_words
from sources.intake.manifest import Manifest
from sources.intake.standing import out_of_force
from sources.intake.withdrawals import withdrawn

KEPT = b"kept_files"


@dataclass(frozen=True)
class KeptFiles:
    """The files of a conformed batch as they were when its outcome was written; paths are relative to the home."""

    feed: str
    file: str
    conformed: str
    conformed_bytes: int
    conformed_sha256: str
    landed: str
    landed_bytes: int
    # Small files that were written with it.
    beside: Sequence[str] = ()

    @classmethod
    def of(cls, home: Home, manifest: Manifest) -> KeptFiles:
        place = (manifest.feed, manifest.institution_id, manifest.month, manifest.batch_id)
        conformed, landed = home.conformed_batch(*place), home.landed_batch(*place) / "rows.parquet"
        written = (
            home.rule_outcome / f"{manifest.batch_id}.parquet",
            home.column_profile / f"{manifest.batch_id}.parquet",
            home.quarantined_batch(*place),
        )
        return cls(
            feed=manifest.feed,
            file=manifest.file,
            conformed=conformed.relative_to(home.root).as_posix(),
            conformed_bytes=conformed.stat().st_size,
            conformed_sha256=_sha256(conformed),
            landed=landed.relative_to(home.root).as_posix(),
            landed_bytes=landed.stat().st_size,
            beside=[path.relative_to(home.root).as_posix() for path in written if path.is_file()],
        )

    def text(self) -> bytes:
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False).encode()


def refuse_altered(home: Home, verify: bool = False) -> None:
    """Raise AlteredError naming whatever of batches in force is not as it was, or not there any more. `verify` reads all."""
    if found := list(_losses(home, verify)):
        raise AlteredError(in_words(home, found))


def is_whole(home: Home) -> bool:
    """Whether of every batch in force all is there; only asked, nothing is read."""
    dead = out_of_force(home)
    living = (found for found in taken_in(home) if found[1].batch_id not in dead)
    there = all(path.is_file() for feed, each in living for path in _files(home, feed, each))
    return there and next(_standings_gone(home), None) is None


def _files(home: Home, feed: str, batch: TakenIn) -> Iterator[Path]:
    place = (feed, batch.institution_id, batch.month, batch.batch_id)
    yield home.landed_batch(*place) / "manifest.json"
    yield home.landed_batch(*place) / "rows.parquet"
    yield home.conformed_batch(*place)
    yield home.batch_outcome / f"{batch.batch_id}.parquet"
    yield home.column_profile / f"{batch.batch_id}.parquet"


def _losses(home: Home, verify: bool) -> Iterator[Loss]:
    yield from _standings_gone(home)
    dead = out_of_force(home)
    known = dead | {path.stem for path in home.batch_outcome.glob("*.parquet")}
    yield from (_gone(home, feed, each) for feed, each in taken_in(home) if each.batch_id not in known)
    for batch_id, kept in _kept(home):
        if batch_id not in dead and (loss := _altered(home, batch_id, kept, verify)):
            yield loss


def _standings_gone(home: Home) -> Iterator[Loss]:
    """Feeds of which it was decided which batches count, and the decision is not there."""
    decided = withdrawn(home).keys()
    for feed in arrived_feeds(home):
        path = home.batch_standing / f"{feed}.parquet"
        places = Arrivals(home, feed).places.values() if not path.is_file() else ()
        ids = [{arrival.batch_id for arrival in arrivals} for arrivals in places]
        if any(len(each) > 1 or each & decided for each in ids):
            yield Loss(losses.STANDING, feed, path)


def _kept(home: Home) -> Iterator[tuple[str, KeptFiles]]:
    files = matching(home.batch_outcome, "*.parquet")
    if not list(home.batch_outcome.glob("*.parquet")):
        return
    sql = "select file_name, decode(value) from parquet_kv_metadata(?) where decode(key) = ? order by all"
    for name, text in ask(sql, [files, KEPT.decode()]):
        yield Path(name).stem, KeptFiles(**json.loads(text))


def _gone(home: Home, feed: str, batch: TakenIn) -> Loss:
    """A batch that was taken in and has no outcome: none of its rows counts."""
    landed = home.landed_batch(feed, batch.institution_id, batch.month, batch.batch_id)
    if (landed / "manifest.json").is_file():
        outcome = home.batch_outcome / f"{batch.batch_id}.parquet"
        return Loss(losses.OUTCOME, feed, outcome, batch.batch_id, batch.file)
    return Loss(losses.BATCH, feed, landed, batch.batch_id, batch.file)


def _altered(home: Home, batch_id: str, kept: KeptFiles, verify: bool) -> Loss | None:
    """The first that is wrong with a batch that has an outcome."""
    landed, conformed = home.root / kept.landed, home.root / kept.conformed
    kind, path = None, conformed
    if not landed.is_file() or not (landed.parent / "manifest.json").is_file():
        kind, path = losses.LANDED, landed
    elif landed.stat().st_size != kept.landed_bytes:
        kind, path = losses.LANDED_OTHER, landed
    elif not conformed.is_file():
        kind = losses.CONFORMED
    elif not _is_as_written(home, batch_id, kept, verify):
        kind = losses.CONFORMED_OTHER
    elif gone := [each for each in kept.beside if not (home.root / each).is_file()]:
        kind, path = losses.BESIDE, home.root / gone[0]
    return None if kind is None else Loss(kind, kept.feed, path, batch_id, kept.file)


def _is_as_written(home: Home, batch_id: str, kept: KeptFiles, verify: bool) -> bool:
    conformed, outcome = home.root / kept.conformed, home.batch_outcome / f"{batch_id}.parquet"
    if conformed.stat().st_size != kept.conformed_bytes:
        return False
    later = conformed.stat().st_mtime_ns > outcome.stat().st_mtime_ns
    return not (verify or later) or _sha256(conformed) == kept.conformed_sha256


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
