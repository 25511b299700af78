"""What may not decide anybody's pay: payment standard and profit of a case, beds and equipment, income from drugs.

The words by which it is recognised in names of columns, codes and indicators, and the rule that forbids it. Not here: the tables
that are held against them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sources.county.policy_words import indicators


@dataclass(frozen=True)
class Forbidden:
    """A kind of thing that may not stand in pay, and why."""

    words: re.Pattern[str]
    zh: str
    en: str


_CASE_MONEY = Forbidden(
    re.compile(
        r"支付标准|病例盈亏|盈亏|盈利|亏损|结余|超支|单病例|pay(ment)?_?standard|profit|surplus|deficit|case_margin",
        re.I,
    ),
    "病例的支付标准与盈亏不得作为医务人员的考核或分配依据(医保发〔2025〕18号,REQ-113)",
    "payment standard and profit or loss of cases may not decide people's pay (医保发〔2025〕18号, REQ-113)",
)
_STATIC = Forbidden(
    re.compile(r"床位|开放床|设备|编制数|\bbeds?\b|bed_|equipment", re.I),
    "床位、设备等静态资源不得参与分配(REQ-113)",
    "static resources such as beds and equipment may not enter an allocation",
)
_MONEY = re.compile(r"费用|基金|收入|支出|补偿|结余|次均|药占比|元")


def forbidden(name: str) -> Forbidden | None:
    """Why something of this name may not stand in pay; None if it may."""
    return next((each for each in (_CASE_MONEY, _STATIC) if each.words.search(name)), None)


def forbidden_indicator(kpi_id: str) -> Forbidden | None:
    """The same of an indicator, by what the registry says of it: figures of money are no quality."""
    known = indicators().get(kpi_id)
    if known is None:
        return None
    if known.is_static_resource:
        return _STATIC
    return forbidden(known.name) or (_CASE_MONEY if _MONEY.search(known.name) else None)
