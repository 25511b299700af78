"""Admission: whether a delivery as a whole may be landed. Files, databases and trials pass this one counter.

Here: what arrived counted chunk by chunk; the header against the mapping, the share of damaged lines (V33, V04), the sender's
control totals (V35). Not here: single rows and values (conforming).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from sources.base.likeness import nearest, normalise_header
from sources.base.refusal import RefusedError
from sources.conforming.personal import shown_text
from sources.connectors.conversion import damaged_texts, replaced_rows
from sources.connectors.delivered import LINE, MALFORMED, Delivered
from sources.connectors.remarks import TEXT_DAMAGED, Remark, Remarks
from sources.county.county import County
from sources.county.settings import Settings
from sources.intake.control import CONTROL_FILE, ControlTotal, control_total
from sources.intake.delivery import Delivery
from sources.mappings.plan import FeedPlan

_SHOWN_LINES = 5
FenOf = Callable[[pa.Table, FeedPlan], int | None]


@dataclass
class Arrived:
    """What has been counted of a delivery so far. `fen` is the control money, None for a feed that carries none."""

    rows: int = 0
    malformed: int = 0
    replaced: int = 0
    fen: int | None = None
    first_malformed: list[int] = field(default_factory=list)
    first_replaced: int | None = None

    def add(self, chunk: pa.Table, fen: int | None) -> None:
        """Count one more chunk and its money."""
        malformed = chunk.num_rows - chunk.column(MALFORMED).null_count
        self.rows += chunk.num_rows
        self.malformed += malformed
        if fen is not None:
            self.fen = (self.fen or 0) + fen
        if malformed and len(self.first_malformed) < _SHOWN_LINES:
            lines = chunk.column(LINE).filter(chunk.column(MALFORMED).is_valid())
            wanted = _SHOWN_LINES - len(self.first_malformed)
            self.first_malformed += lines.slice(0, wanted).to_pylist()
        if (replaced := replaced_rows(chunk)) is not None:
            self.replaced += pc.sum(replaced).as_py()
            if self.first_replaced is None:
                self.first_replaced = chunk.column(LINE)[pc.index(replaced, True).as_py()].as_py()


@dataclass
class Admission:
    """The counter for one delivery: what the mapping wants, what the sender counted, and what has arrived so far.

    `fen_of` gives the control money of a chunk in fen, None for a feed that carries none.
    """

    county: County
    delivery: Delivery
    plan: FeedPlan
    fen_of: FenOf
    arrived: Arrived = field(init=False)
    remarks: Remarks = field(default_factory=Remarks)

    def __post_init__(self) -> None:
        self.arrived = Arrived(fen=None if self.plan.contract.control_money is None else 0)

    def chunks(self, delivered: Delivered) -> Iterator[pa.Table]:
        """The chunks of a delivery whose header is admitted, counted; after the last one the whole is judged.

        Raises RefusedError.
        """
        admit_header(delivered.header, self.plan, self.delivery.mapping)
        for chunk in delivered.chunks:
            self.arrived.add(chunk, self.fen_of(chunk, self.plan))
            for name in delivered.header:
                self.remarks.add(TEXT_DAMAGED, shown_text(name), damaged_texts(chunk.column(name)))
            yield chunk
        # Names of sheets and columns are what somebody typed.
        self.remarks.take_over(
            Remark(rule_id, shown_text(name), times) for rule_id, name, times in delivered.remarks
        )
        _admit_lines(self.arrived, self.county.settings, delivered.dialect)
        _admit_text(self.arrived, self.county.settings)
        if not self.delivery.is_database:
            _admit_control(self.arrived, control_total(self.county.inbox, self.delivery))


def admit_header(header: Sequence[str], plan: FeedPlan, mapping: str) -> None:
    """Raise RefusedError when a required column is missing, doubled, or the header is none at all; it names the mapping."""
    file = f"mappings/{mapping}.yml"
    found = plan.delivered_headers(header)
    delivered = set(found)
    missing = [
        (column, plan.missing_headers(column.name, found))
        for column in plan.contract.columns
        if column.required
    ]
    missing = [(column, headers) for column, headers in missing if headers]
    if missing and 2 * len(delivered & plan.used_headers) < len(plan.used_headers):
        raise _no_header(plan, file, len(delivered & plan.used_headers))
    if missing:
        spare = spare_headers(found, plan)
        said_zh, said_en = [], []
        for column, headers in missing:
            near = nearest(headers[0], spare)
            said_zh.append(f"{'、'.join(headers)}({column.name} {column.business_name};相近的列名:{near})")
            said_en.append(f"{', '.join(headers)} ({column.name}; nearest headers: {near})")
        raise RefusedError(
            "MISSING_COLUMN",
            f"缺少必填列 {';'.join(said_zh)}。请补上该列重新报送,或在映射文件 {file} 中改正列名",
            f"required columns missing: {'; '.join(said_en)}. Deliver them, or correct the header in {file}",
        )
    _refuse_doubled(header, plan)


def spare_headers(found: Iterable[str], plan: FeedPlan) -> list[str]:
    """Delivered headers (as `delivered_headers` names them) that the mapping does not read and that may be shown."""
    known = plan.used_headers | plan.ignored_headers
    return [name for name in found if name not in known and not _may_be_data(name)]


def _may_be_data(name: str) -> bool:
    """A header is echoed to people only when it cannot be a person's data: no long numbers, not too long."""
    return len(name) > 30 or re.search(r"\d{5}", name) is not None


def _no_header(plan: FeedPlan, file: str, matched: int) -> RefusedError:
    wanted, row = len(plan.used_headers), plan.feed_mapping.header_row
    return RefusedError(
        "HEADER_NOT_RECOGNISED",
        f"第 {row} 行不像表头:映射文件 {file} 提到的 {wanted} 个列名只找到 {matched} 个。"
        "请确认导出时带表头、没有导错表,或在映射文件中写明 header_row(表头占几行时写最后一行的行号)",
        f"line {row} does not look like the header: of {wanted} headers in {file} only {matched} "
        "are there. Export with the header, check that it is the right table, or state header_row in the mapping "
        "(of a header over several rows its last row)",
    )


def _refuse_doubled(header: Sequence[str], plan: FeedPlan) -> None:
    there = {normalise_header(name) for name in header}
    for position, name in enumerate(header, start=1):
        base = name.removesuffix(f"({position})")
        if base != name and normalise_header(base) in there & plan.used_headers:
            raise RefusedError(
                "DOUBLED_COLUMN",
                f"列名“{base}”出现了不止一次(第 {position} 列),无法确定用哪一列;请去掉多余的列",
                f"header {base!r} stands there more than once (column {position}): remove the surplus one",
            )


def _admit_lines(arrived: Arrived, settings: Settings, dialect: str) -> None:
    """Raise RefusedError when too many lines are damaged; `dialect` says how the file was read."""
    malformed, total, limit = arrived.malformed, arrived.rows, settings.malformed_share_limit
    if malformed > settings.malformed_rows_tolerated and malformed > limit * total:
        first = [str(line) for line in arrived.first_malformed]
        cure_zh, cure_en = _cure(dialect)
        raise RefusedError(
            "TOO_MANY_DAMAGED_LINES",
            f"{total} 行中有 {malformed} 行损坏(列数不符、引号未闭合或编码混杂),超过 {limit:.1%};"
            f"最先是第 {'、'.join(first)} 行。{cure_zh}",
            f"{malformed} of {total} lines are damaged (columns, quotes or mixed encodings), more than {limit:.1%}; "
            f"the first are lines {', '.join(first)}. {cure_en}",
        )


def _admit_text(arrived: Arrived, settings: Settings) -> None:
    """Raise RefusedError when most lines lost characters to an earlier conversion: nothing of them can be had back."""
    replaced, total = arrived.replaced, arrived.rows
    if replaced > settings.malformed_rows_tolerated and 2 * replaced > total:
        raise RefusedError(
            "REPLACEMENT_CHARACTER",
            f"{total} 行中有 {replaced} 行含替换字符 U+FFFD(最先是第 {arrived.first_replaced} 行):"
            "文件在送来之前已经转码损坏,无法还原,请从源系统按 UTF-8 或 GB18030 重新导出",
            f"{replaced} of {total} lines hold U+FFFD (first line {arrived.first_replaced}): an earlier conversion damaged the "
            "file for good, export it anew in UTF-8 or GB18030",
        )


def _cure(dialect: str) -> tuple[str, str]:
    """What to look at before a file is exported anew: the delimiter, when there was one."""
    used = re.search(r"delimiter=(\S+)", dialect)
    if used is None:
        return "请重新导出", "Export anew"
    return (
        f'读取时用的分隔符是 {used[1]}:若不对,请在映射文件写明 delimiter(如 delimiter: "||");若对,请重新导出',
        f"It was read with the delimiter {used[1]}: if that is wrong, state `delimiter:` in the mapping "
        '(as in delimiter: "||"); if it is right, export anew',
    )


def _admit_control(arrived: Arrived, control: ControlTotal | None) -> None:
    """Raise RefusedError when the sender counted other rows or another amount than arrived."""
    if control is None:
        return
    rows, fen = arrived.rows, arrived.fen
    if control.rows != rows:
        raise RefusedError(
            "CONTROL_TOTAL_MISMATCH",
            f"控制文件 {CONTROL_FILE} 写明 {control.rows} 行,实到 {rows} 行;文件可能不完整,请重新报送文件和控制文件",
            f"the control file says {control.rows} rows, {rows} arrived; deliver file and control file again",
        )
    if control.fen is not None and control.fen != (fen or 0):
        raise RefusedError(
            "CONTROL_TOTAL_MISMATCH",
            f"控制文件 {CONTROL_FILE} 写明金额 {_yuan(control.fen)} 元,实到 {_yuan(fen or 0)} 元;请核对后重新报送",
            f"the control file says {_yuan(control.fen)} yuan, {_yuan(fen or 0)} arrived; check and deliver again",
        )


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
