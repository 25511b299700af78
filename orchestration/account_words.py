"""Accounts and entries of money in words: what kind, whose, which part. Also amounts in yuan.

The kinds and their names are the seed fund_account_kind. Not here: entries and balances (dbt_project/models/fund/entry).
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_KINDS = Path(__file__).parents[1] / "dbt_project" / "seeds" / "fund_account_kind.csv"
_PARTS = {
    "regular": "常规绩效",
    "special": "专项",
    "capability": "能力建设",
    "pool": "激励池分配",
    "surplus": "结余分成",
    "in_county": "县内",
    "out_of_county": "县外",
    "market": "内部市场",
    "case_income": "病例结算",
    "contract_fee": "签约服务费",
    "expert_fee": "专家劳务",
    "role_family_doctor": "家庭医生",
    "role_nurse": "护士",
    "role_public_health": "公卫人员",
    "role_village_doctor": "乡村医生",
    "insurance": "医保",
    "public_health": "公卫经费",
    "personal": "个人",
    "untold": "未说明",
    "310": "职工",
    "390": "居民",
}


@functools.cache
def kinds() -> dict[str, dict[str, str]]:
    """{kind: row of the seed}."""
    with _KINDS.open(encoding="utf-8") as file:
        return {row["kind"]: row for row in csv.DictReader(file)}


def is_outside(account: str) -> bool:
    """Whether money enters by this account: nobody here fills it."""
    return kinds()[account.split(":")[0]]["is_outside"] == "true"


def in_words(account: str, names: Mapping[str, str]) -> str:
    """`kind:owner[:part]` for people; names: {id of an institution, a community, a department (institution/code): its name}."""
    kind, *rest = account.split(":")
    said = [names.get(part, part_in_words(part)) for part in rest]
    if kind == "department":
        said[1:] = [department(names, *rest)]
    return " ".join([kinds()[kind]["name_zh"] if kind in kinds() else kind, *said])


def part_in_words(part: str) -> str:
    """A part of an account, or an insurance; what has no word stays as it is."""
    return _PARTS.get(part, part)


def department(names: Mapping[str, str], institution_id: str, code: str) -> str:
    """A department by its name, else its code; work that names none has the code -."""
    return names.get(f"{institution_id}/{code}", "未注明科室" if code == "-" else code)


def entry_in_words(entry: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Month, who received from whom, how much; said of a difference that it is one."""
    received, given = (in_words(entry[name], names) for name in ("account_id", "counter_account_id"))
    mark = "〔差额 correction〕" if entry["is_correction"] else ""
    return f"{entry['month']} {received} ← {given} {yuan(entry['amount_fen'])} 元{mark}"


def yuan(fen: int | None) -> str:
    """Fen as yuan with two decimals and thousands marked; none is nothing."""
    fen = fen or 0
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
