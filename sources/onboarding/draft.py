"""A mapping file drafted from samples: what is sure is filled in, what is not is said in a comment, nothing is guessed.

Here: the text of the draft. Not here: finding out (suggest, families, profile), or checking it (county).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sources.contract import Column, load_contracts
from sources.onboarding.families import LONG_FEEDS, Blocks, find_blocks
from sources.onboarding.profile import ColumnProfile
from sources.onboarding.suggest import POSSIBLE, FeedGuess, Suggestion, guess_feeds, suggest_columns
from sources.onboarding.vocabulary import code_for, contract_labels, meanings

_FEW_CODES = 60
_HOUR_WORDS = re.compile(r"(时|点|hour|xs|s|h)$", re.IGNORECASE)
# What this product decides by itself and no vendor delivers.
_OWN_CONSTANTS = {"map_status": "1"}


@dataclass(frozen=True)
class Sample:
    """A sample file: the pattern that claims its like, and what stands in it."""

    file: str
    pattern: str
    sheet: str | None
    header_row: int
    rows: int
    encoding: str
    profiles: dict[str, ColumnProfile]
    is_exact: bool = True


@dataclass
class _Draft:
    """One mapping being written."""

    institutions: dict[str, str]
    dictionaries: dict[str, list[str]] = field(default_factory=dict)

    def add_dictionary(self, name: str, lines: list[str]) -> str:
        """The name under which these lines are kept: another when the name is taken by other lines."""
        candidate, number = name, 1
        while candidate in self.dictionaries and self.dictionaries[candidate] != lines:
            number += 1
            candidate = f"{name}_{number}"
        self.dictionaries[candidate] = lines
        return candidate


def draft_mapping(
    vendor: str, samples: list[Sample], institutions: dict[str, str], feed: str | None = None
) -> str:
    """The YAML text of a mapping for these samples. `institutions` are the county's {id: name}; `feed` names the feed when
    the person knows it. Codes of a sample stand in it only where they cannot be personal.
    """
    draft = _Draft(institutions)
    feeds: dict[str, list[str]] = {}
    left_over: list[str] = []
    for sample in samples:
        chosen = _feeds_of(sample, feed)
        if not chosen:
            left_over += _unknown_file(sample)
        for guess in chosen:
            name = guess.feed if guess.feed not in feeds else f"# 重复 {guess.feed}"
            if name.startswith("#"):
                left_over.append(
                    f"# {sample.file} 也像 {guess.feed},请合并表头写法(first_of)或改用通配的 file"
                )
                continue
            feeds[name] = list(_feed_lines(draft, sample, guess))
    return (
        "\n".join(
            [*_head(vendor, samples, feeds), *_dictionary_lines(draft), "feeds:", *_flat(feeds), *left_over]
        )
        + "\n"
    )


def _flat(feeds: dict[str, list[str]]) -> Iterator[str]:
    for feed, lines in feeds.items():
        yield f"  {feed}:"
        yield from (f"    {line}" for line in lines)


def _head(vendor: str, samples: list[Sample], feeds: dict[str, list[str]]) -> Iterator[str]:
    yield "# 草稿:由 yigongti feed draft 按样本文件写成。凡写“待核对”“待定”处请逐条确认后删去注释;不确定的不要猜。"
    yield "# A draft: confirm every 待核对 / 待定; what is not certain is left open on purpose."
    yield f"vendor: {quoted(vendor)}"
    yield f"name_zh: {quoted(vendor)}                 # 待核对:厂商或系统的中文名"
    domains = {load_contracts()[feed].domain for feed in feeds}
    yield f"system: {domains.pop() if len(domains) == 1 else 'mixed'}"
    yield f"money_unit: yuan             # 待核对:{_about_money(samples)}"
    if order := _date_order(samples):
        yield f"date_order: {order}               # 样本中有日期只能这样读"


def _about_money(samples: list[Sample]) -> str:
    amounts = [
        p
        for s in samples
        for h, p in s.profiles.items()
        if re.search("金额|费|JE$|FY|amt|amount", h, re.IGNORECASE)
    ]
    whole = [p for p in amounts if p.filled and p.share("whole") > 0.95]
    if whole:
        return f"{whole[0].header} 等列没有小数,若金额以“分”为单位请改为 fen(万元:wanyuan)"
    return "元 yuan、分 fen、万元 wanyuan"


def _date_order(samples: list[Sample]) -> str | None:
    for sample in samples:
        for profile in sample.profiles.values():
            for text, _ in profile.top:
                match = re.match(r"^(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}", text)
                if match and int(match[2]) > 12:
                    return "mdy"
    return None


def _dictionary_lines(draft: _Draft) -> Iterator[str]:
    if not draft.dictionaries:
        return
    yield "dictionaries:                # 厂商代码 → 契约代码;以 # 开头的行请补上契约代码并去掉 #"
    for name, lines in sorted(draft.dictionaries.items()):
        if all(line.startswith("#") for line in lines):
            yield f"  {name}: {{}}"
            yield from (f"  {line}" for line in lines)
        else:
            yield f"  {name}:"
            yield from (f"    {line}" for line in lines)


# -- one feed


def _feeds_of(sample: Sample, feed: str | None) -> list[FeedGuess]:
    """What to draft for a file: the feed told, else the best guess; and the long feeds whose rows it holds side by side."""
    headers = list(sample.profiles)
    wide = [f for f in LONG_FEEDS if f.startswith("his") and find_blocks(f, headers)]
    if feed is not None:
        found = suggest_columns(feed, sample.profiles)
        return [FeedGuess(feed, 1.0, 0, 0, found)]
    guesses = guess_feeds(sample.file.rsplit("/", 1)[-1], sample.profiles)
    chosen = [guess for guess in guesses[:1] if guess.fit >= 0.3]
    for extra in wide:
        if all(guess.feed != extra for guess in chosen):
            chosen.append(FeedGuess(extra, 0.5, 0, 0, suggest_columns(extra, sample.profiles)))
    return chosen


def _unknown_file(sample: Sample) -> list[str]:
    best = guess_feeds(sample.file.rsplit("/", 1)[-1], sample.profiles)[:3]
    near = "、".join(f"{guess.feed} {guess.fit:.0%}" for guess in best) or "-"
    return [f"# {sample.file}:看不出是哪个数据源(最像:{near});知道时用 --feed 指定,不需要则不必写"]


def _feed_lines(draft: _Draft, sample: Sample, guess: FeedGuess) -> Iterator[str]:
    contract = load_contracts()[guess.feed]
    blocks = find_blocks(guess.feed, list(sample.profiles))
    others = [
        g for g in guess_feeds(sample.file.rsplit("/", 1)[-1], sample.profiles)[:3] if g.feed != guess.feed
    ]
    also = "、".join(f"{g.feed} {g.fit:.0%}" for g in others) or "-"
    yield f"# {contract.name};样本 {sample.file}:{sample.rows:,} 行,{sample.encoding};也像 {also}"
    yield f"file: {quoted(sample.pattern)}"
    if sample.sheet:
        yield f"sheet: {quoted(sample.sheet)}"
    if sample.header_row != 1:
        yield f"header_row: {sample.header_row}"
    yield "columns:"
    found = {s.column: s for s in guess.suggestions if not (blocks and s.header in blocks.headers)}
    used = {s.header for s in found.values()} | (blocks.headers if blocks else set())
    for column in contract.columns:
        if blocks and column.name in {blocks.into, *blocks.counted}:
            continue
        for line, headers in _column_lines(draft, sample, column, found, used):
            used |= headers
            yield f"  {line}"
    if blocks:
        yield from _repeat_lines(blocks)
    yield from _unused_lines(sample, guess.feed, used)


def _column_lines(
    draft: _Draft, sample: Sample, column: Column, found: dict[str, Suggestion], used: set[str]
) -> Iterator[tuple[str, set[str]]]:
    """[(line, headers it uses besides)] of one contract column."""
    said = f"{column.business_name}{',必填' if column.required else ''}"
    suggestion = found.get(column.name)
    if suggestion is None:
        yield from _without_header(sample, column, found, used, said)
        return
    profile = sample.profiles[suggestion.header]
    doubt = "" if suggestion.is_sure else "待核对:"
    look = f"# {doubt}{said};填 {_share(profile)};形如 {profile.shapes[0][0] if profile.shapes else '空'}"
    hour = _hour_header(sample, column, profile, used)
    if hour:
        yield (
            f"{column.name}: {{from: [{quoted(profile.header)}, {quoted(hour)}], join: date_hour}}   {look}",
            {hour},
        )
        return
    dictionary = _dictionary_for(draft, column, profile)
    if dictionary:
        yield f"{column.name}: {{from: {quoted(profile.header)}, dictionary: {dictionary}}}   {look}", set()
        return
    if column.valid_values and profile.filled:
        look += f";代码与契约相同,请确认含义也相同({column.code_system or '、'.join(column.valid_values)})"
    if profile.share("pair") > 0.5 and column.name in ("sbp", "dbp"):
        part = 1 if column.name == "sbp" else 2
        yield f'{column.name}: {{from: {quoted(profile.header)}, split: "/", part: {part}}}   {look}', set()
        return
    yield f"{column.name}: {quoted(profile.header)}   {look}", set()


def _without_header(
    sample: Sample, column: Column, found: dict[str, Suggestion], used: set[str], said: str
) -> Iterator[tuple[str, set[str]]]:
    pair = next((p for p in sample.profiles.values() if p.share("pair") > 0.5), None)
    if column.name in ("sbp", "dbp") and pair is not None:
        part = 1 if column.name == "sbp" else 2
        yield (
            f'{column.name}: {{from: {quoted(pair.header)}, split: "/", part: {part}}}   # 待核对:{said}',
            {pair.header},
        )
    elif column.references == "institution" and column.required:
        yield f'{column.name}: {{const: "{{institution}}"}}   # 文件里没有机构列,写报送机构;{said}', set()
    elif column.name in _OWN_CONSTANTS:
        yield f'{column.name}: {{const: "{_OWN_CONSTANTS[column.name]}"}}   # {said}', set()
    elif column.name == "visit_id" and (parts := _record_and_times(sample)):
        names = ", ".join(quoted(part) for part in parts)
        yield (
            f'visit_id: {{from: [{names}], join: concat, separator: "-"}}   # 待核对:用病案号和住院次数合成住院流水,须与住院登记一致',
            set(parts),
        )
    elif column.required:
        near = _near(sample, column, used)
        yield (
            f"# 待定 {column.name}: ?   # {said};没有找到表头。没用到的表头:{near}。确实没有该列时写 {{const: …}}",
            set(),
        )


def _record_and_times(sample: Sample) -> list[str]:
    """Headers of the record number and the count of stays, which together name a stay."""
    parts = []
    for column in ("mr_no", "admit_times"):
        match = [h for h in sample.profiles if meanings(h, "his_mr_front").get(column, 0) > 0.8]
        parts += match[:1]
    return parts if len(parts) == 2 else []


def _near(sample: Sample, column: Column, used: set[str]) -> str:
    from sources.likeness import nearest

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


def _repeat_lines(blocks: Blocks) -> Iterator[str]:
    yield "repeat:                      # 横表转竖表:每组表头成一行"
    yield f"  into: {blocks.into}"
    yield f"  start: {0 if blocks.own else 1}"
    yield f"  keep_when: {blocks.keep_when}"
    if not blocks.own:
        yield "  first_always: false"
    yield "  blocks:"
    if blocks.own:
        yield f"    - {{{_cells(blocks.own)}}}"
    yield f"    - {{n: [{blocks.first}, {blocks.last}], {_cells(blocks.counted)}}}"


def _cells(block: dict[str, str]) -> str:
    return ", ".join(f"{column}: {quoted(header)}" for column, header in block.items())


def _unused_lines(sample: Sample, feed: str, used: set[str]) -> Iterator[str]:
    unused = [profile for header, profile in sample.profiles.items() if header not in used]
    if not unused:
        return
    yield "# 以下表头没有用到:有用的写进 columns,不需要的写进 ignore"
    for profile in unused:
        shape = profile.shapes[0][0] if profile.shapes else "空"
        known = meanings(profile.header, feed)
        like = f";可能是 {'、'.join(sorted(known))}" if known else ""
        yield f"#   {profile.header}   填 {_share(profile)};形如 {shape}{like}"
    listed = ", ".join(quoted(profile.header) for profile in unused)
    yield f"# ignore: [{listed}]"


# -- dictionaries


def _dictionary_for(draft: _Draft, column: Column, profile: ColumnProfile) -> str | None:
    """Name of a dictionary drafted for a column whose values are not the contract's codes; None when none is needed."""
    if column.references:
        return _institution_dictionary(draft, profile)
    if not column.valid_values or not profile.filled:
        return None
    unknown = [value for value, _ in profile.top if value not in column.valid_values]
    if not unknown or profile.distinct > _FEW_CODES:
        return None
    return draft.add_dictionary(column.name, list(_code_lines(column, profile, unknown)))


def _code_lines(column: Column, profile: ColumnProfile, unknown: list[str]) -> Iterator[str]:
    """A line per value: words that are known are filled in, everything else is a question."""
    labels = {code: label for label, code in reversed(contract_labels(column).items())}
    choice = " ".join(f"{code}{labels.get(code, '')}" for code in column.valid_values)
    own_numbers = any(re.fullmatch("[0-9]+", value) for value in unknown)
    padded = {code.lstrip("0") or "0": code for code in column.valid_values}
    only_padding = own_numbers and all(value in padded for value in unknown if value.isdigit())
    for value, count in profile.top:
        code = code_for(column, value)
        if code:
            yield f"{quoted(value)}: {quoted(code)}   # {labels.get(code, '')} {count} 行"
        elif value in column.valid_values and not (own_numbers and not only_padding):
            yield f"{quoted(value)}: {quoted(value)}   # 待核对:{labels.get(value, '')} {count} 行"
        elif only_padding and value in padded:
            yield f"{quoted(value)}: {quoted(padded[value])}   # 待核对:补零 {count} 行"
        else:
            shown = quoted(value) if _may_be_shown(value, count, profile) else '"…"'
            yield f"# {shown}: ?   # {count} 行;契约:{choice}"


def _may_be_shown(value: str, count: int, profile: ColumnProfile) -> bool:
    """A code, not a person: short and plain, or so frequent that it cannot be a name."""
    if profile.looks_personal or len(value) > 20:
        return False
    return re.fullmatch(r"[A-Za-z0-9.]{1,4}", value) is not None or (
        count > 2 and profile.distinct * 3 <= profile.filled
    )


def _institution_dictionary(draft: _Draft, profile: ColumnProfile) -> str | None:
    """Local codes of institutions; filled in where the delivered text is an institution's name."""
    by_name = {name: key for key, name in draft.institutions.items()}
    unknown = [(value, count) for value, count in profile.top if value not in draft.institutions]
    if not unknown or profile.distinct > _FEW_CODES:
        return None
    lines = draft.dictionaries.setdefault("institution", [])
    for value, count in unknown:
        known = by_name.get(value)
        asked = f"# {quoted(value)}: ?   # {count} 行;请填 county.yml 的机构编号"
        line = f"{quoted(value)}: {known}" if known else asked
        if line.split("   #")[0] not in {each.split("   #")[0] for each in lines}:
            lines.append(line)
    return None


# -- words


def _share(profile: ColumnProfile) -> str:
    return f"{profile.filled / profile.rows:.0%}" if profile.rows else "0%"


def quoted(text: str) -> str:
    """A YAML scalar that reads back as this text."""
    if re.fullmatch(r"[A-Za-z_\u4e00-\u9fff][\w\u4e00-\u9fff]*", text):
        return text
    return json.dumps(text, ensure_ascii=False)


__all__ = ["POSSIBLE", "Sample", "draft_mapping", "quoted"]
