"""What a changed contract breaks: every difference between two shapes, how grave it is, and the version it demands.

major: somebody's delivery is judged otherwise, or what the warehouse reads changes its meaning. minor: everything that
was good stays good, and there is more. patch: only words. Not here: where shapes come from (shape).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sources.contracts.shape import Shape


class Bump(IntEnum):
    """How far a version must move."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


@dataclass(frozen=True)
class Change:
    """One difference, said to people. `column` is None for what concerns the feed as a whole."""

    level: Bump
    column: str | None
    zh: str
    en: str


def changes(before: Shape, after: Shape) -> list[Change]:
    """Every difference between two shapes of one feed, gravest first."""
    found = [*_of_feed(before, after), *_of_columns(before, after)]
    if before.words != after.words:
        found.append(Change(Bump.PATCH, None, "说明文字有改动", "words for people changed"))
    return sorted(found, key=lambda change: (-change.level, change.column or ""))


def demanded(before: Shape, after: Shape) -> Bump:
    """How far the version must move from `before` to `after`."""
    return max((change.level for change in changes(before, after)), default=Bump.NONE)


def bumped(version: str, level: Bump) -> str:
    """The lowest version that says a change of that level."""
    major, minor, patch = version_numbers(version)
    following = {
        Bump.NONE: (major, minor, patch),
        Bump.PATCH: (major, minor, patch + 1),
        Bump.MINOR: (major, minor + 1, 0),
        Bump.MAJOR: (major + 1, 0, 0),
    }
    return ".".join(map(str, following[level]))


def says(before: str, after: str, level: Bump) -> bool:
    """Whether moving from one version to the other says a change of that level (or of a graver one)."""
    return version_numbers(after) >= version_numbers(bumped(before, level))


def version_numbers(version: str) -> tuple[int, int, int]:
    """(major, minor, patch)."""
    major, minor, patch = map(int, version.split("."))
    return major, minor, patch


# -- the feed as a whole

_FEED_WORDS = {
    "domain": ("所属系统", "system"),
    "delivery": ("报送方式", "way of delivery"),
    "keep_every_month": ("每月名册是否各留一版", "whether every month's list is kept"),
    "key": ("主键", "key"),
    "control_money": ("对账金额列", "control money"),
}
# What changes nothing of a row that was delivered.
_FEED_HINTS = {
    "status": ("状态", "status"),
    "provider": ("提供方", "provider"),
    "one_list": ("全县一份", "one list for the county"),
    "register_of": ("人员登记类别", "register of persons"),
    "same_entry": ("名册条目的认定列", "columns that say whose entry a row is"),
    "side_by_side": ("并排列出的行", "rows kept side by side"),
}


def _of_feed(before: Shape, after: Shape) -> Iterator[Change]:
    old, new = before.feed, after.feed
    for name, (zh, en) in _FEED_WORDS.items():
        if old[name] != new[name]:
            yield _change(Bump.MAJOR, None, zh, en, old[name], new[name])
    if old["event_time"] != new["event_time"]:
        level = Bump.MINOR if new["event_time"] is None else Bump.MAJOR
        yield _change(level, None, "业务时间列", "event time", old["event_time"], new["event_time"])
    elif old.get("event_window_months") != new.get("event_window_months"):
        window, wider = new["event_window_months"], old["event_window_months"]
        narrower = any(window[side] < wider[side] for side in ("before", "after"))
        level = Bump.MAJOR if narrower else Bump.MINOR
        yield _change(level, None, "业务时间窗口", "event window", wider, window)
    for name, (zh, en) in _FEED_HINTS.items():
        if old.get(name) != new.get(name):
            yield _change(Bump.MINOR, None, zh, en, old.get(name), new.get(name))


# -- columns


def _of_columns(before: Shape, after: Shape) -> Iterator[Change]:
    old, new = before.columns, after.columns
    for name in old:
        if name not in new:
            yield Change(Bump.MAJOR, name, "列已删除", "column removed")
    for name, column in new.items():
        if name in old:
            yield from _of_column(name, old[name], column)
        elif column["required"]:
            yield Change(Bump.MAJOR, name, "新增必填列", "required column added")
        else:
            yield Change(Bump.MINOR, name, "新增可空列", "nullable column added")
    shared_before = [name for name in old if name in new]
    if shared_before != [name for name in new if name in old]:
        yield Change(Bump.PATCH, None, "列的先后次序有改动", "order of columns changed")


def _of_column(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for aspect, judge in _ASPECTS.items():
        before, after = old.get(aspect), new.get(aspect)
        if before != after:
            yield judge(name, before, after)


def _type(name: str, old: str, new: str) -> Change:
    level = Bump.MINOR if _widens(old, new) else Bump.MAJOR
    return _change(level, name, "类型", "type", old, new)


_WHOLE = ("smallint", "int", "bigint")


def _widens(old: str, new: str) -> bool:
    """Whether every value of the old type fits the new one and is read as the same kind of thing."""
    if old in _WHOLE and new in _WHOLE:
        return _WHOLE.index(new) > _WHOLE.index(old)
    old_text, new_text = _text_length(old), _text_length(new)
    if old_text and new_text:
        return new_text >= old_text
    old_number, new_number = _digits(old), _digits(new)
    if old_number and new_number:
        return all(wide >= narrow for narrow, wide in zip(old_number, new_number, strict=True))
    return False


def _text_length(kind: str) -> float | None:
    if kind == "text":
        return float("inf")
    found = re.fullmatch(r"(?:var)?char\((\d+)\)", kind)
    return int(found[1]) if found else None


def _digits(kind: str) -> tuple[int, int] | None:
    """(digits before the point, digits after it) of a decimal."""
    found = re.fullmatch(r"decimal\((\d+),(\d+)\)", kind)
    return (int(found[1]) - int(found[2]), int(found[2])) if found else None


def _required(name: str, _: bool, new: bool) -> Change:
    if new:
        return Change(Bump.MAJOR, name, "改为必填", "became required")
    return Change(Bump.MINOR, name, "改为可空,读取方须容许空值", "became nullable: readers must expect null")


def _valid_values(name: str, old: list[str] | None, new: list[str] | None) -> Change:
    if not new:
        return Change(Bump.MINOR, name, "值域不再限定", "valid values are no longer restricted")
    if not old:
        return Change(
            Bump.MAJOR, name, f"值域限定为 {_list(new)}", f"valid values restricted to {_list(new)}"
        )
    removed = [value for value in old if value not in new]
    if removed:
        return Change(
            Bump.MAJOR, name, f"值域去掉 {_list(removed)}", f"valid values removed: {_list(removed)}"
        )
    added = [value for value in new if value not in old]
    if added:
        return Change(Bump.MINOR, name, f"值域增加 {_list(added)}", f"valid values added: {_list(added)}")
    return Change(Bump.PATCH, name, "值域的次序有改动", "order of the valid values changed")


def _privacy(name: str, old: dict | None, new: dict | None) -> Change:
    revealing = _reveals(new) - _reveals(old)
    zh, en = "处理方式", "treatment"
    if revealing > 0:
        zh, en = "隐私保护放宽,须经批准", "privacy loosened, needs approval"
    elif revealing < 0:
        zh, en = "隐私保护收紧", "privacy tightened"
    return _change(Bump.MAJOR, name, zh, en, _way(old), _way(new))


# How much of a personal value passes, by treatment: the later, the more.
_WAYS = ("drop", "test_name", "pseudonym", "id_card", "year", "month", "as it is")


def _reveals(rule: dict | None) -> int:
    way = _way(rule)
    return next(
        place
        for place, known in enumerate(_WAYS)
        if way == known or way.startswith((f"{known} ", f"{known}:"))
    )


def _way(rule: dict | None) -> str:
    if rule is None:
        return "as it is"
    if "generalise" in rule:
        return f"{rule['generalise']} as {rule['as_']}"
    way, detail = next(iter(rule.items()))
    if way == "drop":
        return way
    if detail.get("beside"):
        return f"as it is: also as {detail['as_']}"
    return f"{way}: " + ", ".join(f"{key.rstrip('_')} {value}" for key, value in detail.items())


def _classification(name: str, old: str, new: str) -> Change:
    if new < old:
        return _change(
            Bump.MAJOR, name, "隐私级别降低,须经批准", "privacy class lowered, needs approval", old, new
        )
    return _change(Bump.MINOR, name, "隐私级别提高", "privacy class raised", old, new)


def _when_invalid(name: str, old: str | None, new: str | None) -> Change:
    level = Bump.MINOR if new == "nullify" else Bump.MAJOR
    return _change(
        level,
        name,
        "无效值的处理",
        "what becomes of invalid values",
        old or "quarantine",
        new or "quarantine",
    )


def _references(name: str, old: str | None, new: str | None) -> Change:
    # Only `institution` refuses a row; `any_institution` translates codes and lets the rest pass.
    level = Bump.MAJOR if new == "institution" else Bump.MINOR
    return _change(level, name, "机构校验", "check of institutions", old, new)


def _open_ended(name: str, _: bool | None, new: bool | None) -> Change:
    if new:
        return Change(Bump.MINOR, name, "9999-12-31 表示未结束", "9999-12-31 now means: no end")
    return Change(Bump.MAJOR, name, "9999-12-31 不再表示未结束", "9999-12-31 no longer means: no end")


def _always(level: Bump, zh: str, en: str) -> Callable[[str, Any, Any], Change]:
    return lambda name, old, new: _change(level, name, zh, en, old, new)


_ASPECTS: dict[str, Callable[[str, Any, Any], Change]] = {
    "logical_type": _always(Bump.MAJOR, "逻辑类型", "logical type"),
    "physical_type": _type,
    "format": _always(Bump.MAJOR, "格式", "format"),
    "conformed_name": _always(Bump.MAJOR, "离开来源层后的列名", "name under which it leaves"),
    "required": _required,
    "classification": _classification,
    "unit": _always(Bump.MAJOR, "单位", "unit"),
    "valid_values": _valid_values,
    "terminology": _always(Bump.MINOR, "编码体系", "terminology"),
    "named_by": _always(Bump.MINOR, "名称列", "column of the name"),
    "not_before": _always(Bump.MINOR, "不早于的时间", "time that cannot lie after it"),
    "terminology_version_column": _always(Bump.MINOR, "编码版本列", "column of the code version"),
    "linkage": _always(Bump.MINOR, "人员比对用途", "use for the person index"),
    "references": _references,
    "open_ended": _open_ended,
    "when_invalid": _when_invalid,
    "privacy": _privacy,
}


def _change(level: Bump, column: str | None, zh: str, en: str, old: Any, new: Any) -> Change:
    return Change(
        level, column, f"{zh}:{_shown(old)} → {_shown(new)}", f"{en}: {_shown(old)} → {_shown(new)}"
    )


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return _list(value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {part}" for key, part in value.items())
    return str(value)


def _list(values: list[str]) -> str:
    return ", ".join(values)
