"""What goes wrong between the truth and the file, on purpose, line by line.

Each entry of `DAMAGES` spoils one column of some rows of a feed and says what conforming must do about it. Damage that
costs the row is kept away from rows whose loss would have consequences elsewhere (`fragile`). Every damaged line ends
up in truth/defect.csv; the events lost are reported so that the truth can leave them out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.simulator.delivered.rendering import TextTable
from sources.simulator.delivered.spelling import MONTHS, WEEKDAYS
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Note
from sources.simulator.ground.streams import stream
from sources.simulator.ground.styles import Style

RAGGED, UNCLOSED = "<ragged>", "<unclosed quote>"
CUT = "<cut at twenty bytes>"
JAVA, CHINESE, SERIAL, FULL_WIDTH = "<java>", "<chinese>", "<serial>", "<full width>"
LATER, SPACED = "<twelve hours later>", "<between blanks>"
_DUPLICATES = 0.01
# A deliverer loses at most this share of a feed's rows in a month, or so few that no gate minds, and never most of them: what
# is broken by default never stops a run, at any size and seed.
_MOST_LOST, _FEW_LOST = 0.04, 15
# Lines that cannot be read as rows are held to less: above 1 % (and a few) the whole file is refused.
_MOST_BROKEN, _FEW_BROKEN = 0.008, 4
_PAGED = {
    ("vendor_b", "his_lab_result"),
    ("vendor_e", "his_op_register"),
}  # an interface that told a page twice (V35)
_PAGE = 20
_DUPLICATED = {
    "his_op_visit", "his_op_diag", "his_rx", "his_rx_item", "his_fee_detail", "his_lab_report", "his_exam_report",
    "his_equipment_use", "his_recognition", "his_satisfaction", "si_settlement", "ph_followup_htn", "si_insured",
}  # fmt: skip
# Columns that are all that the truth asks of their row.
_READINGS = {("ph_followup_htn", "sbp"), ("ph_followup_dm", "fbg")}
_WIDE = {chr(c): chr(c + 0xFEE0) for c in b"0123456789."}


@dataclass(frozen=True)
class Damage:
    """Spoil `column` of a share of a feed's rows. `value` replaces the text or names a way of rewriting it."""

    feed: str
    column: str
    value: str
    rate: float
    rule_id: str
    gate_rule: str
    disposition: str

    @property
    def destroys(self) -> bool:
        return self.disposition == "quarantined"

    @property
    def loses_the_event(self) -> bool:
        """Either the row is lost, or the one thing that its event tells."""
        return self.destroys or (self.feed, self.column) in _READINGS


def _lost(feed: str, column: str, value: str, rule_id: str, gate_rule: str, rate: float = 0.001) -> Damage:
    return Damage(feed, column, value, rate, rule_id, gate_rule, "quarantined")


def _kept(feed: str, column: str, value: str, rule_id: str, rate: float = 0.002) -> Damage:
    return Damage(feed, column, value, rate, rule_id, "", "harmless")


DAMAGES = [
    _lost("his_op_visit", "visit_time", "2025-02-30 08:00:00", "V07", "DATE_INVALID"),
    _lost("his_op_visit", "visit_type", "K", "V10", "VALUE_NOT_IN_SET"),
    _lost("his_op_visit", "patient_id", "", "V12", "REQUIRED_MISSING"),
    _lost(
        "his_op_visit", "dept_code", "门诊楼三层东侧内科第二诊室靠窗一侧第一诊位甲", "V36", "LENGTH_EXCEEDED"
    ),
    _lost("his_op_visit", RAGGED, "", "V33", "RAGGED_ROW"),
    _lost("his_ip_stay", "status", "7", "V10", "VALUE_NOT_IN_SET", 0.004),
    _lost("his_exam_report", "apply_time", "0001-01-01", "V07", "REQUIRED_MISSING", 0.002),
    _lost("his_exam_report", "modality", "XX", "V10", "VALUE_NOT_IN_SET", 0.002),
    _lost("his_lab_report", "report_time", "", "V07", "REQUIRED_MISSING", 0.002),
    _lost("his_satisfaction", "answer_time", "1900-01-01", "V07", "REQUIRED_MISSING", 0.003),
    _lost("his_satisfaction", "channel", "9", "V10", "VALUE_NOT_IN_SET", 0.003),
    _lost("his_satisfaction", RAGGED, "", "V33", "RAGGED_ROW", 0.002),
    _lost("his_satisfaction", UNCLOSED, "", "V33", "RAGGED_ROW", 0.002),
    _lost("his_op_visit", UNCLOSED, "", "V33", "RAGGED_ROW", 0.0005),
    _lost("his_referral", "direction", "9", "V10", "VALUE_NOT_IN_SET", 0.03),
    _lost("his_referral", RAGGED, "", "V33", "RAGGED_ROW", 0.02),
    _lost("his_recognition", "accepted", "2", "V10", "VALUE_NOT_IN_SET", 0.004),
    _lost("his_slot", "slot_time", "0001-01-01", "V07", "REQUIRED_MISSING", 0.003),
    _lost("his_equipment_use", "equip_id", "", "V12", "REQUIRED_MISSING", 0.002),
    _lost("his_rx_item", "qty", "一盒", "V32", "TYPE_INVALID", 0.0005),
    _lost("si_settlement", "fixmedins_code", "H34062199999", "V27", "UNKNOWN_INSTITUTION", 0.0006),
    _lost("si_settlement", "insutype", "999", "V23", "VALUE_NOT_IN_SET", 0.0006),
    _lost("si_settlement", "setl_time", "2205-03-01 10:00:00", "V07", "DATE_OUT_OF_RANGE", 0.0006),
    _lost("si_out_of_county", "setl_time", "2205-03-01 10:00:00", "V07", "DATE_OUT_OF_RANGE", 0.006),
    _kept("his_op_visit", "visit_time", SERIAL, "V06"),
    _kept("his_lab_report", "apply_time", SERIAL, "V06"),
    _kept("his_op_visit", "visit_time", JAVA, "V07", 0.001),
    _kept("his_satisfaction", "answer_time", JAVA, "V07", 0.005),
    _kept("his_patient", "birth_date", CHINESE, "V07", 0.003),
    _kept("his_rx_item", "qty", FULL_WIDTH, "V05"),
    _kept("his_lab_report", "amount", FULL_WIDTH, "V05"),
    _kept("his_lab_report", "collect_time", LATER, "V37"),
    _kept("his_mr_oper", "oper_code", SPACED, "V19", 0.2),
    Damage("his_exam_report", "book_time", "9999-12-31", 0.004, "V07", "PLACEHOLDER_DATE", "nulled"),
    Damage("his_patient", "gender", "X", 0.002, "V10", "CODE_NULLED", "nulled"),
    Damage("ph_followup_htn", "sbp", "138/86", 0.004, "V32", "VALUE_NULLED", "nulled"),
    Damage("ph_followup_dm", "fbg", "未查", 0.01, "V32", "VALUE_NULLED", "nulled"),
    Damage("his_mr_diag", "diag_name", CUT, 1.0, "V36", "", "harmless"),
]


@dataclass
class Damaged:
    """What damage did to a table: lines to repeat, singly or as a page, lines cut short, lines with an open quotation
    mark, events that never arrive."""

    duplicates: np.ndarray
    page: np.ndarray
    ragged: np.ndarray
    unclosed: np.ndarray
    lost: np.ndarray


def untouched() -> Damaged:
    nothing = np.zeros(0, dtype=np.int64)
    return Damaged(nothing, nothing, nothing, nothing, nothing)


def damage(
    seed: int,
    month: CalendarMonth,
    vendor: str,
    table: TextTable,
    times: dict[str, np.ndarray],
    style: Style,
    medium: str,
) -> Damaged:
    """Spoil the table in place and add notes. `times` gives the true times of timestamp columns by contract name,
    `medium` what the table will be written into (some damage needs a text file, some a field of fixed width)."""
    rng = stream(seed, f"defects/{table.feed}/{vendor}", month.number)
    busy = np.zeros(table.lines, bool)
    for note in table.notes:
        busy[note.rows] = True
    spared = _Spared(table.deliverer, _MOST_LOST, _FEW_LOST)
    whole = _Spared(table.deliverer, _MOST_BROKEN, _FEW_BROKEN)
    for note in table.notes:
        if note.disposition == "quarantined":
            spared.taken(note.rows)
    lost, broken = [], {RAGGED: [_none()], UNCLOSED: [_none()]}
    for entry in [d for d in DAMAGES if d.feed == table.feed]:
        free = ~busy & ~(table.fragile if entry.destroys and table.fragile is not None else False)
        chosen = np.flatnonzero(free & (rng.random(table.lines) < entry.rate))
        if not _possible(entry, table, style, medium):
            continue
        if entry.column in broken:
            chosen = whole.taken(chosen)
        if entry.destroys:
            chosen = spared.taken(chosen)
        if entry.column in broken:
            broken[entry.column].append(chosen)
        else:
            chosen = _spoil(table, entry, chosen, times)
        busy[chosen] = True
        if entry.loses_the_event:
            lost.append(chosen)
        if len(chosen):
            table.notes.append(Note(chosen, entry.rule_id, entry.gate_rule, entry.disposition))
    again = (
        np.flatnonzero(~busy & (rng.random(table.lines) < _DUPLICATES))
        if table.feed in _DUPLICATED
        else _none()
    )
    lost_lines = np.concatenate([_none(), *lost])
    events = table.event[lost_lines] if table.event is not None else _none()
    page = _page(table, busy) if (vendor, table.feed) in _PAGED else _none()
    return Damaged(again, page, np.concatenate(broken[RAGGED]), np.concatenate(broken[UNCLOSED]), events)


class _Spared:
    """How many more rows each deliverer may lose."""

    def __init__(self, deliverer: np.ndarray, most: float, few: int) -> None:
        _, self._who = np.unique(deliverer, return_inverse=True)
        rows = np.bincount(self._who)
        self._left = np.minimum(rows // 2, np.maximum(few, (rows * most).astype(np.int64)))

    def taken(self, lines: np.ndarray) -> np.ndarray:
        """Those of the lines that may still be lost."""
        kept = []
        for line in lines:
            if self._left[self._who[line]] > 0:
                self._left[self._who[line]] -= 1
                kept.append(line)
        return np.array(kept, np.int64)


def _page(table: TextTable, busy: np.ndarray) -> np.ndarray:
    """The last whole page of the first deliverer, as far as nothing else is wrong with its lines."""
    own = np.flatnonzero(table.deliverer == table.deliverer[0]) if table.lines else _none()
    page = own[len(own) // _PAGE * _PAGE - _PAGE :][:_PAGE] if len(own) >= _PAGE else _none()
    return page[~busy[page]]


def _none() -> np.ndarray:
    return np.zeros(0, dtype=np.int64)


def _possible(entry: Damage, table: TextTable, style: Style, medium: str) -> bool:
    if entry.column in (RAGGED, UNCLOSED):
        return medium == "text"
    if entry.value == CUT and medium != "dbf":
        return False
    if table.owner.get(entry.column, -1) < 0:
        return False
    return not (entry.value == SERIAL and style.datetime == "serial")


def _spoil(table: TextTable, entry: Damage, chosen: np.ndarray, times: dict[str, np.ndarray]) -> np.ndarray:
    """Replace the cells of the chosen lines; returns the lines that were really changed."""
    position = table.owner[entry.column]
    old = table.columns[position]
    chosen = chosen[~np.asarray(old.take(pa.array(chosen)).is_null())] if len(chosen) else chosen
    if entry.value == CUT:
        chosen = np.array(
            [i for i in chosen if len(old[int(i)].as_py().encode("gbk", "replace")) > 20], np.int64
        )
    new = _rewritten(entry, old, chosen, times)
    mask = np.zeros(table.lines, bool)
    mask[chosen] = True
    table.columns[position] = pc.replace_with_mask(old, pa.array(mask), new)
    return chosen


def _rewritten(entry: Damage, old: pa.Array, chosen: np.ndarray, times: dict[str, np.ndarray]) -> pa.Array:
    if not entry.value.startswith("<"):
        return pa.array([entry.value] * len(chosen), pa.string())
    if entry.value == CUT:
        texts = [old[int(i)].as_py().encode("gbk", "replace")[:20].decode("gbk", "ignore") for i in chosen]
        return pa.array(texts, pa.string())
    if entry.value == SPACED:
        return pa.array([f" {old[int(i)].as_py()} " for i in chosen], pa.string())
    if entry.value == FULL_WIDTH:
        return pa.array(["".join(_WIDE.get(c, c) for c in old[int(i)].as_py()) for i in chosen], pa.string())
    when = [times[entry.column][i].astype("datetime64[s]").item() for i in chosen]
    return pa.array([_written(entry.value, moment) for moment in when], pa.string())


def _written(way: str, moment: datetime) -> str:
    if way == JAVA:
        day, month = WEEKDAYS[moment.weekday()], MONTHS[moment.month - 1]
        return f"{day} {month} {moment:%d %H:%M:%S} CST {moment.year}"
    if way == LATER:
        return f"{moment + timedelta(hours=12):%Y-%m-%d %H:%M:%S}"
    if way == CHINESE:
        return f"{moment.year}年{moment.month}月{moment.day}日"
    whole, rest = divmod(int((moment - datetime(1899, 12, 30)).total_seconds()), 86_400)
    return f"{whole}.{round(rest / 86_400 * 10**10):010d}"
