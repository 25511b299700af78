"""What of a checked delivery wants mending, the most important first: what costs whole files, then rows, then values.

Here: the order and the sentence of each. Not here: the check itself (trial), how it is shown (the command line).
"""

from __future__ import annotations

from dataclasses import dataclass

from sources.conforming.rules import QUARANTINED
from sources.onboarding.trial import DeliveryReport, FileReport, RuleFinding

# What is lost, from a whole file down to single values.
_FILE, _DELIVERY, _ROWS, _VALUES, _BESIDE = range(5)


@dataclass(frozen=True, order=True)
class ToMend:
    """One thing to mend: how much it costs (rank, then minus the rows), where, and what to do."""

    rank: int
    minus_rows: int
    place: str
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.place}: {self.zh} / {self.en}"


def to_mend(report: DeliveryReport) -> list[ToMend]:
    """Everything of a report that wants a look, most important first."""
    found = [each for file in report.files for each in _of_file(file)]
    found += [
        ToMend(_DELIVERY, 0, f"{month} {feed}", "缺报,没有这个数据源的文件", "missing: no file of this feed")
        for month, feed in report.missing
    ]
    found += [
        ToMend(
            _BESIDE,
            0,
            line,
            "控制总数没有对应的文件,未核对",
            "a control total that matches no file: nothing was checked",
        )
        for line in report.totals_of_nothing
    ]
    return sorted(found)


def _of_file(file: FileReport) -> list[ToMend]:
    place = f"{file.feed} {file.file}" + (f" [{file.sheet}]" if file.sheet else "")
    if file.refusal is not None:
        code, why = file.refusal.code, file.refusal
        zh, en = f"整份拒收 {code}:{why.message_zh}", f"refused as a whole: {why.message_en}"
        return [ToMend(_FILE, 0, place, zh, en)]
    return [_of_rule(place, finding) for finding in file.findings if finding.wants_a_look]


def _of_rule(place: str, finding: RuleFinding) -> ToMend:
    rule = finding.rule
    lost = rule.disposition == QUARANTINED
    lines = "、".join(str(example.line) for example in finding.examples)
    where = f";如第 {lines} 行" if lines else ""
    count = f"{rule.violated:,}/{rule.total:,}"
    name = f"{rule.rule_id} {rule.column_name}".rstrip()
    zh = f"{'隔离' if lost else '值丢失'} {count} 行 {name}:{rule.message_zh}{where}"
    en = f"{'quarantined' if lost else 'values lost'} {count} rows: {rule.message_en}"
    return ToMend(_ROWS if lost else _VALUES, -rule.violated, place, zh, en)
