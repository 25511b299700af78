"""Intact: what lies among the landed and the conformed is what was put there, or the first that is not is named.

Sizes and times are asked, content only where a file was written after its outcome (or everywhere, when asked). Rows that
landed are encrypted with their authentication, so that their size is enough here: reading altered ones fails. Not here:
releases (publishing), the writing of outcomes (outcome).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from sources.base.engine import ask, matching
from sources.base.home import Home
from sources.intake.ledger import TakenIn, taken_in
from sources.intake.manifest import Manifest
from sources.intake.standing import out_of_force

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

    @classmethod
    def of(cls, home: Home, manifest: Manifest) -> KeptFiles:
        place = (manifest.feed, manifest.institution_id, manifest.month, manifest.batch_id)
        conformed, landed = home.conformed_batch(*place), home.landed_batch(*place) / "rows.parquet"
        return cls(
            feed=manifest.feed,
            file=manifest.file,
            conformed=conformed.relative_to(home.root).as_posix(),
            conformed_bytes=conformed.stat().st_size,
            conformed_sha256=_sha256(conformed),
            landed=landed.relative_to(home.root).as_posix(),
            landed_bytes=landed.stat().st_size,
        )

    def text(self) -> bytes:
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False).encode()


class AlteredError(RuntimeError):
    """Files of batches in force were changed or removed by somebody else."""


def refuse_altered(home: Home, verify: bool = False) -> None:
    """Raise AlteredError naming every batch in force whose files are not as they were, or of which nothing is there any more.
    `verify` reads all of them.
    """
    dead = out_of_force(home)
    known = dead | {path.stem for path in home.batch_outcome.glob("*.parquet")}
    said = [_gone(home, feed, each) for feed, each in taken_in(home) if each.batch_id not in known]
    said += [
        text
        for batch_id, kept in _kept(home)
        if batch_id not in dead and (text := _altered(home, batch_id, kept, verify))
    ]
    if said:
        raise AlteredError("\n".join(said))


def _kept(home: Home) -> Iterator[tuple[str, KeptFiles]]:
    files = matching(home.batch_outcome, "*.parquet")
    if not list(home.batch_outcome.glob("*.parquet")):
        return
    sql = "select file_name, decode(value) from parquet_kv_metadata(?) where decode(key) = ? order by all"
    for name, text in ask(sql, [files, KEPT.decode()]):
        yield Path(name).stem, KeptFiles(**json.loads(text))


def _gone(home: Home, feed: str, batch: TakenIn) -> str:
    """A batch that was taken in and has no outcome: none of its rows counts."""
    what = f"{feed} {batch.institution_id} {batch.month} {batch.file}"
    place = (feed, batch.institution_id, batch.month, batch.batch_id)
    if (home.landed_batch(*place) / "manifest.json").is_file():
        again = f"yigongti feed replay --feed {feed}"
        return (
            f"批次 {batch.batch_id}({what})的处理结果不在了,它的行不计入。请执行 {again} 重做,再运行 / "
            f"the outcome of batch {batch.batch_id} is gone, none of its rows counts: run `{again}`, then this again"
        )
    return (
        f"批次 {batch.batch_id}({what})整个不在数据目录里了(入库、归一、处理结果都没有),它的行不计入。请从备份恢复,"
        f"或把原文件放回收件目录再运行,或撤回:yigongti feed withdraw {batch.batch_id} --reason … --by … / batch {batch.batch_id} "
        "is gone from the home altogether, none of its rows counts: restore it from the backup, or put the file into the inbox "
        "and run, or withdraw the batch"
    )


def _altered(home: Home, batch_id: str, kept: KeptFiles, verify: bool) -> str | None:
    """What is wrong with a batch, and how to mend it."""
    conformed, landed = home.root / kept.conformed, home.root / kept.landed
    again = f"yigongti feed replay --feed {kept.feed}"
    if _size(landed) != kept.landed_bytes or not (landed.parent / "manifest.json").is_file():
        zh, en = ("不在了", "is gone") if not landed.is_file() else ("被改过", "was changed")
        return (
            f"批次 {batch_id}({kept.file})的入库文件{zh}:{kept.landed}。请从备份恢复,或删除该批次的入库目录、把原文件放回收件目录后再运行,"
            f"或撤回:yigongti feed withdraw {batch_id} / what landed of batch {batch_id} {en}: restore it from the backup, or "
            "remove the batch's landing folder, put the file into the inbox again and run, or withdraw the batch"
        )
    if _size(conformed) == kept.conformed_bytes:
        outcome = home.batch_outcome / f"{batch_id}.parquet"
        later = conformed.stat().st_mtime_ns > outcome.stat().st_mtime_ns
        if not (verify or later) or _sha256(conformed) == kept.conformed_sha256:
            return None
    zh, en = (
        ("不在了", "is gone") if not conformed.is_file() else ("不是写入时的内容", "is not what was written")
    )
    return (
        f"批次 {batch_id}({kept.file})的归一文件{zh}:{kept.conformed}。请执行 {again} 重做,再运行 / "
        f"the conformed file of batch {batch_id} {en}: run `{again}`, then this again"
    )


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
