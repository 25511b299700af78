"""Losses: what lies no longer among the landed and the conformed as it was put there, in words: what, where, and the way out.

What is gone with one folder is told as one. Not here: finding it (intact).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from sources.base.home import Home

# More places than this are told together, the first of them by name.
_PLACES = 5


class AlteredError(RuntimeError):
    """Files of batches in force were changed or removed by somebody else."""


@dataclass(frozen=True)
class Kind:
    """What can be lost, and how it is mended: `{again}` is the replay, `{batch}` the first batch."""

    zh: str
    en: str
    way_zh: str
    way_en: str


_REPLAY = ("请执行 {again} 重做,再运行", "run `{again}`, then this again")
_RESTORE = (
    "请从备份恢复,或删除该批次的入库目录、把原文件放回收件目录后运行该月(yigongti run --month …),或撤回(每个批次一次):"
    "yigongti feed withdraw {batch} --reason … --by …",
    "restore it from the backup, or remove the batch's landing folder, put the file into the inbox again and run its month, "
    "or withdraw each batch",
)
BATCH = Kind(
    "整个不在数据目录里了(入库、处理结果都没有),它的行不计入",
    "gone from the home altogether, no row counts",
    *_RESTORE,
)
LANDED = Kind("入库文件不在了", "what landed is gone", *_RESTORE)
LANDED_OTHER = Kind("入库文件被改过", "what landed was changed", *_RESTORE)
OUTCOME = Kind("处理结果不在了,它的行不计入", "the outcome is gone, no row counts", *_REPLAY)
CONFORMED = Kind("归一文件不在了", "the conformed file is gone", *_REPLAY)
CONFORMED_OTHER = Kind("归一文件不是写入时的内容", "the conformed file is not what was written", *_REPLAY)
BESIDE = Kind(
    "归一时一并写下的文件不在了(触犯的规则、列的填写率、隔离的行)",
    "what was written beside the conformed file is gone (broken rules, fullness, quarantined rows)",
    *_REPLAY,
)
STANDING = Kind(
    "哪些批次被取代或撤回的记录不在了,它们会重新计入",
    "which batches are overtaken or withdrawn is gone: they would count again",
    *_REPLAY,
)
_KINDS = (BATCH, LANDED, LANDED_OTHER, OUTCOME, CONFORMED, CONFORMED_OTHER, BESIDE, STANDING)


@dataclass(frozen=True)
class Loss:
    """One file of a feed that is not as it was; of a batch, where it belongs to one (`file` is what was delivered)."""

    kind: Kind
    feed: str
    path: Path
    batch_id: str = ""
    file: str = ""


def in_words(home: Home, losses: Iterable[Loss]) -> str:
    """A line for everything that is gone from one place."""
    placed = [(_KINDS.index(each.kind), each.feed, _place(home, each.path), each) for each in losses]
    placed.sort(key=lambda found: (*found[:3], found[3].batch_id))
    said = []
    for number, same_kind in groupby(placed, key=lambda found: found[0]):
        group = list(same_kind)
        places = list(dict.fromkeys(place for _, _, place, _ in group))
        if len(places) > _PLACES:
            said.append(_told(_KINDS[number], places, [loss for *_, loss in group]))
            continue
        said += [
            _told(_KINDS[number], [place], [loss for _, _, its, loss in group if its == place])
            for place in places
        ]
    return "\n".join(said)


def _told(kind: Kind, places: Sequence[str], losses: Sequence[Loss]) -> str:
    feeds = {loss.feed for loss in losses}
    batches = [loss for loss in losses if loss.batch_id]
    whose_zh, whose_en = "、".join(sorted(feeds)), "of the feed"
    if batches:
        first = f"{batches[0].batch_id}({batches[0].file})"
        whose_zh, whose_en = f"批次 {first}", f"batch {batches[0].batch_id}"
        if len(batches) > 1:
            whose_zh, whose_en = f"{len(batches)} 个批次,如 {first}", f"{len(batches)} batches"
    where = "、".join(places[:_PLACES]) + (f" … 共 {len(places)} 处 places" if len(places) > _PLACES else "")
    words = {
        "again": "yigongti feed replay" + (f" --feed {feeds.pop()}" if len(feeds) == 1 else ""),
        "batch": batches[0].batch_id if batches else "",
    }
    return (
        f"{whose_zh}:{kind.zh}:{where}。{kind.way_zh.format(**words)} / "
        f"{whose_en}: {kind.en}: {kind.way_en.format(**words)}"
    )


def _place(home: Home, path: Path) -> str:
    """The uppermost folder that is gone with the path; the path itself where all are there."""
    parts = path.relative_to(home.root).parts
    there = home.root
    for number, part in enumerate(parts, start=1):
        there /= part
        if not there.exists():
            return "/".join(parts[:number])
    return "/".join(parts)
