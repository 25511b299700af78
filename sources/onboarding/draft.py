"""A mapping file drafted from samples: what is sure is filled in, what is not is said in a comment, nothing is guessed.

Here: the file and its feeds. Not here: a single column (draft_columns), finding out (suggest, families, profile), or checking
it (county).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from sources.base.likeness import folded
from sources.contracts.contract import TECHNICAL_INPUTS
from sources.contracts.load import load_contracts
from sources.contracts.words import Column
from sources.onboarding.codes import (
    Dictionaries,
    edition_named,
    printable,
    quoted,
)
from sources.onboarding.draft_columns import column_lines, date_headers, share_filled
from sources.onboarding.families import Blocks, find_blocks
from sources.onboarding.sample import Sample, with_alike
from sources.onboarding.suggest import FeedGuess, guess_feeds, guess_of
from sources.onboarding.vocabulary import header_meanings, meanings

_SHAPES_SHOWN = 5
# Terminologies whose codes come in editions.
_WITH_EDITIONS = {"diagnosis", "procedure"}


def draft_mapping(
    vendor: str, samples: list[Sample], institutions: dict[str, str], feed: str | None = None
) -> str:
    """The YAML text of a mapping for these samples. `institutions` are the county's {id: name}; `feed` names the feed when
    the person knows it. Codes of a sample stand in it only where they cannot be personal.
    """
    dictionaries = Dictionaries(institutions)
    samples = with_alike(samples)
    feeds: dict[str, list[str]] = {}
    questions: list[str] = []
    guessed = [_feeds_of(sample, feed) for sample in samples]
    best = _best(guessed)
    for number, (sample, chosen) in enumerate(zip(samples, guessed, strict=True)):
        if not chosen:
            questions += _unknown_file(sample)
        drafted = {guess.feed: _feed_lines(dictionaries, sample, guess) for guess in chosen}
        everywhere = set().union(*(used for _, used in drafted.values()))
        for name, (lines, used) in drafted.items():
            if number != best[name] and _is_sheet_beside(sample, samples[best[name]]):
                continue
            if number != best[name]:
                questions.append(
                    f"# {sample.file} 也像 {name}:若是同一种文件,请用通配的 file;表头不同时用 first_of 或 aliases"
                )
                continue
            head = lines.index("columns:")
            editions = _edition_lines(sample, name, everywhere)
            unused = _unused_lines(sample, name, used, everywhere)
            feeds[name] = [*lines[:head], *editions, *lines[head:], *unused]
    lines = [*_head(vendor, samples, feeds), *dictionaries.written(), *_flat(feeds), *questions]
    return "\n".join(map(printable, lines)) + "\n"


def _is_sheet_beside(sample: Sample, other: Sample) -> bool:
    """Whether both are sheets of one file under one header."""
    return (
        bool(sample.sheet) and sample.file == other.file and sample.profiles.keys() == other.profiles.keys()
    )


def _best(guessed: list[list[FeedGuess]]) -> dict[str, int]:
    """{feed: which sample fits it best}; of equal ones the first."""
    found: dict[str, list[tuple[float, int]]] = {}
    for number, guesses in enumerate(guessed):
        for guess in guesses:
            found.setdefault(guess.feed, []).append((guess.fit, -number))
    return {feed: -max(fits)[1] for feed, fits in found.items()}


def _flat(feeds: dict[str, list[str]]) -> Iterator[str]:
    yield "feeds:" if feeds else "feeds: {}                  # 没有认出任何数据源"
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
    whole = [p for p in amounts if p.filled and p.share("whole") > 0.95 and p.share("date") < 0.5]
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


# -- one feed


def _feeds_of(sample: Sample, feed: str | None) -> list[FeedGuess]:
    """What to draft for a file: the feed told, else the best guess; and the long feeds whose rows it holds side by side."""
    if sample.header_is_data:
        return []
    headers = list(sample.profiles)
    wide = [c.feed for c in load_contracts().values() if c.domain == "his" and find_blocks(c.feed, headers)]
    if feed is not None:
        return [guess_of(feed, sample.file.rsplit("/", 1)[-1], sample.profiles)]
    guesses = guess_feeds(sample.file.rsplit("/", 1)[-1], sample.profiles)
    chosen = [guess for guess in guesses[:1] if guess.fit >= 0.3]
    for extra in wide:
        if all(guess.feed != extra for guess in chosen):
            chosen.append(guess_of(extra, sample.file, sample.profiles))
    return chosen


def _unknown_file(sample: Sample) -> list[str]:
    if sample.header_is_data:
        shapes = "、".join(p.mask_of(p.header) for p in list(sample.profiles.values())[:_SHAPES_SHOWN])
        return [
            f"# {sample.file}:没有找到表头(当作表头的那行像数据,形如 {shapes};{sample.encoding});"
            "请对方导出时带表头,或用 --header-row 写明表头最后一行的行号"
        ]
    best = guess_feeds(sample.file.rsplit("/", 1)[-1], sample.profiles)[:3]
    near = "、".join(f"{guess.feed} {guess.fit:.0%}" for guess in best) or "-"
    return [f"# {sample.file}:看不出是哪个数据源(最像:{near});知道时用 --feed 指定,不需要则不必写"]


def _feed_lines(draft: Dictionaries, sample: Sample, guess: FeedGuess) -> tuple[list[str], set[str]]:
    """The lines of one feed, and the headers they use."""
    contract = load_contracts()[guess.feed]
    blocks = find_blocks(guess.feed, list(sample.profiles))
    lines = [*_feed_head(sample, guess), "columns:"]
    found = {s.column: s for s in guess.suggestions if not (blocks and s.header in blocks.headers)}
    used = {s.header for s in found.values()} | (blocks.headers if blocks else set())
    for column in contract.columns:
        if blocks and column.name in {blocks.into, *blocks.counted}:
            continue
        if blocks and column.name in found and not _tells_the_row(column, contract.key):
            header = found.pop(column.name).header
            used.discard(header)
            lines.append(
                f"  # {column.name}: {quoted(header)}   # 待定:只有一列,可能只属于第一条,不要用于每一条"
            )
            continue
        for line, headers in column_lines(draft, sample, guess.feed, column, found, used):
            used |= headers
            lines.append(f"  {line}")
    for name in TECHNICAL_INPUTS:
        known = [
            h for h in sample.profiles if h not in used and ("", name) in header_meanings().get(folded(h), {})
        ]
        used |= set(known[:1])
        lines += [f"  {name}: {quoted(header)}   # 更正与重报按它取最新" for header in known[:1]]
    return lines + (list(_repeat_lines(blocks)) if blocks else []), used


def _tells_the_row(column: Column, key: tuple[str, ...]) -> bool:
    """Whether a column is the same in every row that a wide sheet becomes."""
    return column.name in key or column.references is not None


def _feed_head(sample: Sample, guess: FeedGuess) -> Iterator[str]:
    others = [
        g for g in guess_feeds(sample.file.rsplit("/", 1)[-1], sample.profiles)[:3] if g.feed != guess.feed
    ]
    also = "、".join(f"{g.feed} {g.fit:.0%}" for g in others) or "-"
    rows = f"{sample.rows:,} 行" if sample.is_exact else f"前 {sample.rows:,} 行"
    yield f"# {load_contracts()[guess.feed].name};样本 {sample.file}:{rows},{sample.encoding};也像 {also}"
    if sample.damaged:
        looked_at = sample.rows + sample.damaged
        yield (
            f"# 待核对:看过的 {looked_at:,} 行中有 {sample.damaged:,} 行损坏(列数不符),没有用来起草;"
            "多半是分隔符不对:用 --delimiter 写明后重新起草"
        )
    if sample.table:
        yield from _table_lines(sample, guess)
        return
    yield f"file: {quoted(sample.pattern)}"
    if sample.alike > 1:
        yield f"sheets: all                  # 待核对:{sample.alike} 张工作表表头相同,合并读取;只要一张写 sheet: {quoted(sample.sheet or '')}"
    elif sample.sheet:
        yield f"sheet: {quoted(sample.sheet)}"
    if sample.header_row:
        yield f"header_row: {sample.header_row}"
    if sample.delimiter:
        yield f"delimiter: {json.dumps(sample.delimiter)}"


def _table_lines(sample: Sample, guess: FeedGuess) -> Iterator[str]:
    """What a database is asked: the table, the column that tells the month, the one that tells the last change."""
    contract = load_contracts()[guess.feed]
    yield f"table: {quoted(sample.table or '')}"
    told = {s.column: s.header for s in guess.suggestions}
    if contract.event_time in told:
        yield f"month_by: {quoted(told[contract.event_time])}   # 待核对:按哪一列的月份取数"
    elif contract.delivery != "snapshot":
        yield f"# month_by: ?   # 待定:按哪一列的月份取数;日期列有 {'、'.join(date_headers(sample)) or '-'}"
    changed = [h for h in sample.profiles if ("", "src_update_ts") in header_meanings().get(folded(h), {})]
    if changed:
        yield f"updated: {quoted(changed[0])}   # 待核对:更新时间,此后只取有变化的行"


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


def _edition_lines(sample: Sample, feed: str, used: set[str]) -> Iterator[str]:
    """What a header without a column of its own says of the edition of all codes of the feed."""
    coded = sorted({c.terminology for c in load_contracts()[feed].columns if c.terminology} & _WITH_EDITIONS)
    for header, profile in sample.profiles.items():
        editions = {edition_named(value) for value, _ in profile.top}
        if header in used or not coded or not editions or None in editions:
            continue
        said = ", ".join(f"{kind}: {min(map(str, editions))}" for kind in coded)
        if len(editions) == 1:
            yield f"code_systems: {{{said}}}   # 待核对:表头 {quoted(header)} 每行都这样写"
        else:
            told = "、".join(sorted(map(str, editions)))
            yield f"# code_systems: {{{said}}}   # 待定:表头 {quoted(header)} 有 {told};本数据源没有版本列,请按版本分文件报送"


def _unused_lines(sample: Sample, feed: str, used: set[str], everywhere: set[str]) -> Iterator[str]:
    """Headers nobody uses, as questions; those that another feed of the same file uses, as `ignore`."""
    elsewhere = [header for header in sample.profiles if header in everywhere - used]
    if elsewhere:
        yield f"ignore: [{', '.join(quoted(header) for header in elsewhere)}]   # 同一文件的其他数据源使用"
    unused = [profile for header, profile in sample.profiles.items() if header not in everywhere]
    if not unused:
        return
    yield "# 以下表头没有用到:有用的写进 columns,不需要的写进 ignore"
    for profile in unused:
        shape = profile.shapes[0][0] if profile.shapes else "空"
        known = meanings(profile.header, feed)
        like = f";可能是 {'、'.join(sorted(known))}" if known else ""
        yield f"#   {profile.header}   填 {share_filled(profile)};形如 {shape}{like}"
    if not elsewhere:
        yield f"# ignore: [{', '.join(quoted(profile.header) for profile in unused)}]"
