"""Dictionaries drafted from the values of a sample: words that are known are filled in, every other code is a question.

Here: a line per value, and which values may be shown. Not here: columns (suggest) or the rest of a mapping (draft).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from sources.base.privacy import like_a_name
from sources.contracts.words import Column
from sources.onboarding.profile import ColumnProfile
from sources.onboarding.vocabulary import code_for, contract_labels

_FEW_CODES = 60
_LONGEST_EDITION = 16
# Words for the editions that a contract's `code_ver` tells apart.
_EDITIONS = (
    ("国临|国家临床|临床版|^GLB", "GLB"),
    # 职工医保 is an insurance, no edition.
    ("医保.*[版0-9]|^YB", "YB"),
    ("北京|^BJ", "BJ"),
    (r"国标|GB.?T?.?14396|^GB", "GB"),
)


@dataclass
class Dictionaries:
    """The dictionaries of one mapping being drafted, and the county's institutions {id: name}."""

    institutions: dict[str, str]
    lines: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, lines: list[str]) -> str:
        """The name under which these lines are kept: another when the name is taken by other lines."""
        candidate, number = name, 1
        while candidate in self.lines and self.lines[candidate] != lines:
            number += 1
            candidate = f"{name}_{number}"
        self.lines[candidate] = lines
        return candidate

    def written(self) -> Iterator[str]:
        """The `dictionaries` part of a mapping file, line by line."""
        if not self.lines:
            return
        yield "dictionaries:                # 厂商代码 → 契约代码;以 # 开头的行请补上契约代码并去掉 #"
        for name, lines in sorted(self.lines.items()):
            if all(line.startswith("#") for line in lines):
                yield f"  {name}: {{}}   # 补上第一行后去掉这里的 {{}}"
            else:
                yield f"  {name}:"
            yield from (f"    {line}" for line in lines)


def dictionary_for(draft: Dictionaries, column: Column, profile: ColumnProfile) -> str | None:
    """Name of a dictionary drafted for a column whose values are not the contract's codes; None when none is needed."""
    if column.references:
        return _institution_dictionary(draft, profile)
    if not column.valid_values or not profile.filled:
        return None
    unknown = [value for value, _ in profile.top if value not in column.valid_values]
    if not unknown or profile.distinct > _FEW_CODES:
        return None
    return draft.add(column.name, list(_code_lines(column, profile, unknown)))


def edition_dictionary(draft: Dictionaries, column: Column, profile: ColumnProfile) -> str | None:
    """Name of a dictionary of a column that tells which edition each row's code is of (国临2.0: GLB2.0); None when its
    words are the contract's already.
    """
    told = {value: edition_named(value) for value, _ in profile.top}
    if profile.distinct > _FEW_CODES or not any(
        edition not in (None, value) for value, edition in told.items()
    ):
        return None
    lines = []
    for value, count in profile.top:
        shown = quoted(value) if may_be_shown(value, count, profile, column) or told[value] else '"…"'
        asked = f"# {shown}: ?   # {count} 行;版本如 GLB2.0、YB2.0"
        lines.append(f"{shown}: {told[value]}   # 待核对:{count} 行" if told[value] else asked)
    return draft.add(column.name, lines)


def edition_named(value: str) -> str | None:
    """The edition of a code system that a vendor's word names, with its number: 国临版2.0 is GLB2.0. None when it names none."""
    if len(value) > _LONGEST_EDITION:
        return None
    number = re.search(r"[0-9]+\.[0-9]+$|(?<![/0-9])[0-9]$", value.rstrip("版"))
    for words, edition in _EDITIONS:
        if re.search(words, value, re.IGNORECASE):
            return edition + (number[0] if number and edition != "GB" else "")
    return None


def _code_lines(column: Column, profile: ColumnProfile, unknown: list[str]) -> Iterator[str]:
    """A line per value: words that are known are filled in, everything else is a question."""
    labels = {code: label for label, code in reversed(contract_labels(column).items())}
    choice = " ".join(f"{code}{labels.get(code, '')}" for code in column.valid_values)
    own_numbers = any(re.fullmatch("[0-9]+", value) for value in unknown)
    padded = {code.lstrip("0") or "0": code for code in column.valid_values}
    only_padding = own_numbers and all(value in padded for value in unknown if value.isdigit())
    for value, count in profile.top:
        code, alike = code_for(column, value), _code_alike(value, labels)
        if code:
            yield f"{quoted(value)}: {quoted(code)}   # {labels.get(code, '')} {count} 行"
        elif value in column.valid_values and not (own_numbers and not only_padding):
            yield f"{quoted(value)}: {quoted(value)}   # 待核对:{labels.get(value, '')} {count} 行"
        elif only_padding and value in padded:
            yield f"{quoted(value)}: {quoted(padded[value])}   # 待核对:补零 {count} 行"
        elif alike:
            yield f"{quoted(value)}: {quoted(alike)}   # 待核对:像“{labels[alike]}” {count} 行"
        else:
            shown = quoted(value) if may_be_shown(value, count, profile, column) else '"…"'
            yield f"# {shown}: ?   # {count} 行;契约:{choice}"


def _code_alike(value: str, labels: dict[str, str]) -> str | None:
    """The code whose label stands in a vendor's words (西药费: 西药); the longest label decides, a tie decides nothing."""
    if len(value) > 12:
        return None
    inside = {code: label for code, label in labels.items() if label in value}
    longest = max((len(label) for label in inside.values()), default=0)
    best = [code for code, label in inside.items() if len(label) == longest]
    return best[0] if len(best) == 1 else None


def may_be_shown(value: str, count: int, profile: ColumnProfile, column: Column) -> bool:
    """A code, not a person: known, or short and plain, or so frequent that it cannot be a name."""
    if value in column.valid_values or code_for(column, value):
        return True
    if profile.looks_personal or len(value) > 20:
        return False
    if re.fullmatch(r"[\u4e00-\u9fff]{2,8}", value):
        return not like_a_name(pa.array([value]))[0].as_py()
    is_plain = re.fullmatch(r"[A-Za-z0-9.]{1,4}|H[0-9]{11}|.", value) is not None
    return is_plain or (count > 2 and profile.distinct * 3 <= profile.filled)


def _institution_dictionary(draft: Dictionaries, profile: ColumnProfile) -> str | None:
    """Local codes of institutions; filled in where the delivered text is an institution's name."""
    by_name = {name: key for key, name in draft.institutions.items()}
    unknown = [(value, count) for value, count in profile.top if value not in draft.institutions]
    if not unknown or profile.distinct > _FEW_CODES:
        return None
    lines = draft.lines.setdefault("institution", [])
    for value, count in unknown:
        known = by_name.get(value)
        asked = f"# {quoted(value)}: ?   # {count} 行;请填 county.yml 的机构编号"
        line = f"{quoted(value)}: {known}" if known else asked
        if line.split("   #")[0] not in {each.split("   #")[0] for each in lines}:
            lines.append(line)
    return None


def quoted(text: str) -> str:
    """A YAML scalar that reads back as this text."""
    if re.fullmatch(r"[A-Za-z_\u4e00-\u9fff][\w\u4e00-\u9fff]*", text):
        return text
    return printable(json.dumps(text, ensure_ascii=False))


def printable(text: str) -> str:
    """A line of YAML with what nobody sees spelled out: some of it ends a line, and with it a comment."""
    return "".join(
        c if c.isprintable() else (f"\\u{ord(c):04x}" if ord(c) < 1 << 16 else f"\\U{ord(c):08x}")
        for c in text
    )
