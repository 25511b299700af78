"""Retirement: lines of a batch that stand later under another institution stop counting, because a person says so.

They land once more as a batch of deletions, as rows do that a database has no longer: staging, history and the reconciliation need no
rule of their own, and withdrawing that batch puts the lines back. Not here: finding the lines (comparison), asking people
(orchestration.commands).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from sources.base.home import Home
from sources.connectors.delivered import LINE
from sources.connectors.files import CONNECTOR
from sources.contracts.load import load_contracts
from sources.intake.arrivals import Arrivals
from sources.intake.comparison import Comparison, MovedLine
from sources.intake.landing import Landing
from sources.intake.manifest import Manifest
from sources.intake.standing import out_of_force

FenOf = Callable[[pa.Table], int | None]
# Ends the file name of a batch of retired lines.
RETIRED = "/retired"


@dataclass(frozen=True)
class Retirement:
    """Whose lines were retired, and by whom."""

    batch_id: str
    reason: str
    by: str
    on: str


def moved_lines(home: Home, manifest: Manifest) -> list[MovedLine]:
    """Lines of a batch in force that stand later under another institution and are else the same."""
    place, dead = (manifest.institution_id, manifest.month), out_of_force(home, manifest.feed)
    came = Arrivals(home, manifest.feed).places.get(place, [])
    last = {each.batch_id: number for number, each in enumerate(came) if each.batch_id not in dead}
    compared = Comparison(home, load_contracts()[manifest.feed], place)
    return compared.moved_lines(sorted(last, key=last.__getitem__), manifest.batch_id)


def land_retired(
    landing: Landing, origin: Manifest, lines: Collection[int], said: Retirement, fen_of: FenOf
) -> Manifest:
    """Land lines of a batch as deletions; once, however often it is asked."""
    wanted = sorted(lines)
    rows = pa.concat_tables(
        chunk.filter(pc.is_in(chunk.column(LINE), pa.array(wanted, pa.int64())))
        for chunk in landing.chunks(origin)
    )
    content = hashlib.sha256(f"retired {origin.batch_id} {wanted}".encode()).hexdigest()
    file = replace(
        origin.delivery,
        file=f"{origin.file}{RETIRED}",
        sha256=content,
        bytes=rows.nbytes,
        modified_at=_after_all(landing, origin),
    )
    known = landing.manifest(file)
    if known is not None:
        return known
    with landing.arriving(file.feed, file.institution_id, file.month, file.batch_id) as arriving:
        arriving.begin(rows.schema)
        arriving.add(rows)
        manifest = Manifest.of(
            file,
            # Of a database too: its next extraction knows the row as landed and does not bring it again.
            connector=CONNECTOR,
            encoding=origin.encoding,
            dialect=origin.dialect,
            delivered_rows=rows.num_rows,
            malformed_rows=0,
            delivered_fen=fen_of(rows),
            contract_version=origin.contract_version,
            parts=origin.parts,
            retires=asdict(said),
        )
        arriving.keep(manifest, landing.folder(manifest))
    return manifest


def _after_all(landing: Landing, origin: Manifest) -> datetime:
    """A time after all that landed there, so that the deletion is the newest version; no clock, so that reruns agree."""
    landed = landing.manifests_of(origin.feed, origin.institution_id, origin.month)
    return max(each.first_landed_at for each in landed) + timedelta(microseconds=1)
