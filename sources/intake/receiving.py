"""Receiving: a delivery opened, admitted and written down as it came, chunk by chunk, in one pass.

Not here: formats (connectors), what may come in (admission), the landing folder (landing), databases (extraction).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from sources.base.refusal import RefusedError
from sources.conforming.personal import shown_text
from sources.connectors.delivered import Delivered
from sources.connectors.files import CONNECTOR
from sources.connectors.source import Source, open_source
from sources.county.county import County
from sources.intake.admission import Admission
from sources.intake.batch import InForce, Landed
from sources.intake.delivery import Delivery
from sources.intake.landing import Arriving, Landing
from sources.intake.manifest import DeliveredFile, Manifest
from sources.mappings.wanted import read_file


@contextmanager
def opened(county: County, delivery: Delivery) -> Iterator[tuple[DeliveredFile, Source]]:
    """A delivery with its hash, and its bytes. Raises RefusedError when they cannot be had."""
    path = county.inbox / delivery.file
    # Unlike Path.resolve, realpath takes a link that leads to itself: opening it says what is wrong.
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(county.inbox)):
        raise RefusedError(
            "OUTSIDE_INBOX",
            "是指向收件目录之外的链接,不予读取;请放入数据文件本身",
            "a link that leads out of the inbox: put the data file itself there",
        )
    mapping = county.mappings[delivery.mapping]
    with open_source(path, county.settings) as source:
        yield DeliveredFile.of(delivery, mapping, source.sha256, source.bytes), source


def refuse_contested(delivery: Delivery) -> None:
    """Raise RefusedError when other mappings claim the same rows: they would count twice."""
    if delivery.contested_by:
        names = "、".join(sorted({delivery.mapping, *delivery.contested_by}))
        raise RefusedError(
            "CLAIMED_TWICE",
            f"多份映射({names})认领了同一文件的 {delivery.feed},会重复计数;请让 file 只匹配各自的文件",
            f"several mappings ({names}) claim this file for {delivery.feed}, it would count twice: let `file` match their own",
        )


def never_opened(county: County, delivery: Delivery) -> DeliveredFile:
    """A delivery whose bytes cannot be had is told from others by its path."""
    sha256 = hashlib.sha256(f"unread {delivery.file}".encode()).hexdigest()
    return DeliveredFile.of(delivery, county.mappings[delivery.mapping], sha256, delivery.bytes)


def receive(delivered: Delivered, admission: Admission, arriving: Arriving) -> tuple[pa.Table, ...] | None:
    """Write every chunk down; hands back the rows of a batch that came in one piece. Raises RefusedError."""
    arriving.begin(delivered.schema)
    held = [delivered.schema.empty_table()]
    for chunk in admission.chunks(delivered):
        arriving.add(chunk)
        held = [chunk] if chunk.num_rows == admission.arrived.rows else []
    return tuple(held) or None


def land_file(
    landing: Landing, file: DeliveredFile, source: Source, in_force: InForce, admission: Admission
) -> Landed:
    """Read, admit and keep a file. Raises RefusedError; then nothing is kept."""
    delivered = read_file(source, in_force.plan)
    place = (file.feed, file.institution_id, file.month)
    with landing.arriving(*place, file.batch_id) as arriving:
        held = receive(delivered, admission, arriving)
        source.verify()
        manifest = Manifest.of(
            file,
            connector=CONNECTOR,
            encoding=delivered.encoding,
            dialect=delivered.dialect,
            delivered_rows=admission.arrived.rows,
            malformed_rows=admission.arrived.malformed,
            delivered_fen=admission.arrived.fen,
            contract_version=in_force.plan.contract.version,
            remarks=list(admission.remarks),
            parts=[shown_text(name) for name in delivered.parts],
        )
        arriving.keep(manifest, landing.folder(manifest))
    return Landed(manifest, in_force, "new", held)
