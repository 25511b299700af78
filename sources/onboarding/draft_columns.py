"""One contract column of a drafted mapping: read from which header, by which dictionary, or what has to be asked.

Here: the line of a column, with what the samples show of it in a comment. Not here: the feed around it (draft).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sources.base.likeness import nearest
from sources.contracts.load import load_contracts
from sources.contracts.words import Column
from sources.onboarding.codes import Dictionaries, dictionary_for, edition_dictionary, quoted
from sources.onboarding.profile import ColumnProfile
from sources.onboarding.sample import Sample
from sources.onboarding.suggest import Suggestion, best_header
from sources.onboarding.vocabulary import meanings

_HOUR_WORDS = re.compile(r"(时|点|hour|xs|s|h)$", re.IGNORECASE)
_NUMBER_IN_BRACKETS = re.compile(r"\D[((]\w+[))]$")
# A header's unit, the contract's unit, and what to multiply by.
_OTHER_UNITS = ((r"[((](m|米)[))]", "cm", 100), (r"[((]斤[))]", "kg", 0.5))
# What this product decides by itself and no vendor delivers.
_OWN_CONSTANTS = {"map_status": "1"}


def column_lines(
    draft: Dictionaries,
    sample: Sample,
    feed: str,
    column: Column,
    found: dict[str, Suggestion],
    used: set[str],
) -> Iterator[tuple[str, set[str]]]:
    """[(line, headers it uses besides)] of one contract column."""
    said = f"{column.business_name}{',必填' if column.required else ''}"
    suggestion = found.get(column.name)
    if suggestion is None:
        yield from _without_header(draft, sample, feed, column, used, said)
        return
    profile = sample.profiles[suggestion.header]
    doubt = "" if suggestion.is_sure else "待核对:"
    look = (
        f"# {doubt}{said};填 {share_filled(profile)};形如 {profile.shapes[0][0] if profile.shapes else '空'}"
    )
    hour = _hour_header(sample, column, profile, used)
    if hour:
        yield (
            f"{column.name}: {{from: [{quoted(profile.header)}, {quoted(hour)}], join: date_hour}}   {look}",
            {hour},
        )
        return
    tells_edition = any(
        each.terminology_version_column == column.name for each in load_contracts()[feed].columns
    )
    dictionary = (edition_dictionary if tells_edition else dictionary_for)(draft, column, profile)
    if dictionary:
        yield f"{column.name}: {{from: {quoted(profile.header)}, dictionary: {dictionary}}}   {look}", set()
        return
    if column.valid_values and profile.filled:
        look += f";代码与契约相同,请确认含义也相同({column.code_system or '、'.join(column.valid_values)})"
    if profile.share("pair") > 0.5 and column.name in ("sbp", "dbp"):
        part = 1 if column.name == "sbp" else 2
        yield f'{column.name}: {{from: {quoted(profile.header)}, split: "/", part: {part}}}   {look}', set()
        return
    if treatment := _treatment(column, profile):
        look = look.replace("# ", "# 待核对:", 1) if suggestion.is_sure else look
        yield f"{column.name}: {{from: {quoted(profile.header)}, {treatment}}}   {look}", set()
        return
    yield f"{column.name}: {quoted(profile.header)}   {look}", set()


def _treatment(column: Column, profile: ColumnProfile) -> str | None:
    """What the text needs before it can be read: a number out of brackets, another unit."""
    in_brackets = sum(n for text, n in profile.top if _NUMBER_IN_BRACKETS.search(text))
    if (
        profile.filled
        and column.logical_type == "string"
        and in_brackets > 0.8 * sum(n for _, n in profile.top)
    ):
        return r"extract: '[((](\w+)[))]$'" if column.name.endswith(("_id", "_code", "_no")) else None
    for words, unit, factor in _OTHER_UNITS:
        if unit in column.business_name and re.search(words, profile.header):
            return f"factor: {factor}"
    return None


def _without_header(
    draft: Dictionaries, sample: Sample, feed: str, column: Column, used: set[str], said: str
) -> Iterator[tuple[str, set[str]]]:
    pair = next((p for p in sample.profiles.values() if p.share("pair") > 0.5), None)
    if column.name in ("sbp", "dbp") and pair is not None:
        part = 1 if column.name == "sbp" else 2
        yield (
            f'{column.name}: {{from: {quoted(pair.header)}, split: "/", part: {part}}}   # 待核对:{said}',
            {pair.header},
        )
    elif column.references == "institution" and column.required:
        why = "文件里没有机构列,写报送机构"
        if owners := _named_institutions(draft, sample, used):
            why = f"待核对:表头 {'、'.join(map(quoted, owners))} 写着本县机构;若它说明该行属于谁,改为 {column.name}: {quoted(owners[0])}"
        yield f'{column.name}: {{const: "{{institution}}"}}   # {why};{said}', set()
    elif column.name in _OWN_CONSTANTS:
        yield (
            f'{column.name}: {{const: "{_OWN_CONSTANTS[column.name]}"}}   # 待核对:{said};文件里没有,先写 1',
            set(),
        )
    elif column.name == "visit_id" and (parts := _record_and_times(sample)):
        names = ", ".join(quoted(part) for part in parts)
        yield (
            f'visit_id: {{from: [{names}], join: concat, separator: "-"}}   # 待核对:用病案号和住院次数合成住院流水,须与住院登记一致',
            set(parts),
        )
    elif column.required and (other := best_header(feed, column, sample.profiles)):
        yield f"{column.name}: {quoted(other)}   # 待核对:{said};没有单独的表头,暂与另一列同用", {other}
    elif column.required and column.logical_type in ("date", "timestamp") and (days := date_headers(sample)):
        other = "、".join(days)
        yield (
            f"# {column.name}: {quoted(days[0])}   # 待定:{said};没有单独的表头,日期列有 {other};可用时去掉行首的 #",
            set(),
        )
    elif column.required:
        near = _near(sample, column, used)
        yield (
            f"# 待定 {column.name}: ?   # {said};没有找到表头。没用到的表头:{near}。确实没有该列时写 {{const: …}}",
            set(),
        )


def _named_institutions(draft: Dictionaries, sample: Sample, used: set[str]) -> list[str]:
    """Headers nobody uses under which institutions of the county stand, by id or name."""
    known = {*draft.institutions, *draft.institutions.values()}
    unused = [profile for header, profile in sample.profiles.items() if header not in used]
    return [p.header for p in unused if p.top and all(text in known for text, _ in p.top)]


def date_headers(sample: Sample) -> list[str]:
    return [p.header for p in sample.profiles.values() if p.share("date") + p.share("serial") > 0.8]


def _record_and_times(sample: Sample) -> list[str]:
    """Headers of the record number and the count of stays, which together name a stay."""
    parts, wanted = [], ("mr_no", "admit_times")
    feeds = [c.feed for c in load_contracts().values() if set(wanted) <= set(c.columns_by_name)]
    for column in wanted:
        match = [h for h in sample.profiles if max(meanings(h, feed).get(column, 0) for feed in feeds) > 0.8]
        parts += match[:1]
    return parts if len(parts) == 2 else []


def _near(sample: Sample, column: Column, used: set[str]) -> str:
    return nearest(column.business_name, [header for header in sample.profiles if header not in used])


def _hour_header(sample: Sample, column: Column, profile: ColumnProfile, used: set[str]) -> str | None:
    """The header that holds the hour of a date delivered apart (V08): named like the date, hours in it."""
    if column.logical_type != "timestamp" or profile.share("clock") > 0.2 or not profile.filled:
        return None
    stem = profile.header.rstrip("Qq日期")
    for other in sample.profiles.values():
        named = other.header.startswith(stem) and _HOUR_WORDS.search(other.header)
        if other.header not in used and named and other.share("hour") > 0.95:
            return other.header
    return None


def share_filled(profile: ColumnProfile) -> str:
    return f"{profile.filled / profile.rows:.0%}" if profile.rows else "0%"
