"""What can be wrong with a mapping although every word of it is known: each problem with its line and how to mend it.

Here: a mapping held against the contracts and against itself. Not here: the shape of its parts (language, mapping).
"""

from __future__ import annotations

import codecs

import pyarrow as pa
import pyarrow.compute as pc

from sources.base.likeness import nearest
from sources.base.yamlfile import YamlFile
from sources.contracts.contract import TECHNICAL_INPUTS, Contract
from sources.contracts.load import load_contracts
from sources.contracts.words import Column
from sources.mappings.databases import key_problems
from sources.mappings.language import NOTHING, ColumnSource
from sources.mappings.mapping import FeedMapping, Mapping
from sources.mappings.plan import FeedPlan, plan_of

MONTHS_IN_PATH = ("{month}", "{yyyymm}")


def check_mapping(file: YamlFile, mapping: Mapping) -> None:
    """Put every problem of a mapping into its file."""
    contracts = load_contracts()
    for feed, feed_mapping in mapping.feeds.items():
        if feed not in contracts:
            near = nearest(feed, contracts)
            zh, en = (
                f"没有名为 {feed} 的数据契约,是否 {near}?",
                f"no contract is named {feed}; did you mean {near}?",
            )
            file.problem(("feeds", feed), zh, en)
            continue
        _check_file(file, feed, feed_mapping)
        _check_columns(file, plan_of(mapping, feed))
        _check_sources(file, mapping, contracts[feed], feed_mapping)
    _check_junk(file, mapping)
    _check_test_names(file, mapping)


def _check_file(file: YamlFile, feed: str, feed_mapping: FeedMapping) -> None:
    place = ("feeds", feed)
    for key, zh, en in key_problems(feed_mapping):
        file.problem((*place, key), zh, en)
    if feed_mapping.file and not any(token in feed_mapping.file for token in MONTHS_IN_PATH):
        file.problem((*place, "file"), "file 里要有 {month} 或 {yyyymm}", "file needs {month} or {yyyymm}")
    if feed_mapping.encoding is not None:
        try:
            codecs.lookup(feed_mapping.encoding)
        except LookupError:
            zh = f"不认识编码 {feed_mapping.encoding};常用 gb18030、utf-8、utf-16、big5"
            en = f"unknown encoding {feed_mapping.encoding}; usual ones are gb18030, utf-8, utf-16, big5"
            file.problem((*place, "encoding"), zh, en)


def _check_columns(file: YamlFile, plan: FeedPlan) -> None:
    feed, contract, place = plan.contract.feed, plan.contract, ("feeds", plan.contract.feed, "columns")
    allowed = {column.name for column in contract.columns} | set(TECHNICAL_INPUTS)
    for name in sorted(plan.mapped_columns - allowed):
        near = nearest(name, allowed)
        zh = f"{feed} 没有列 {name},是否 {near}?"
        file.problem((*place, name), zh, f"{feed} has no column {name}; did you mean {near}?")
    for column in contract.columns:
        if column.required and column.name not in plan.mapped_columns:
            zh = f"{feed} 的必填列 {column.name}({column.business_name})没有对应;没有该列时写 {{const: …}}"
            en = f"required column {column.name} of {feed} is not mapped; without such a header write {{const: …}}"
            file.problem(place, zh, en)


def _check_sources(file: YamlFile, mapping: Mapping, contract: Contract, feed_mapping: FeedMapping) -> None:
    in_blocks = feed_mapping.repeat.columns if feed_mapping.repeat else frozenset()
    for name, source in feed_mapping.columns.items():
        place = ("feeds", contract.feed, "columns", name)
        if not source.headers and source.const is None and name not in in_blocks:
            zh = "要写 from、first_of、expression 或 const(横表重复块里的列除外)"
            en = "needs `from`, `first_of`, `expression` or `const` (unless a repeat block names it)"
            file.problem(place, zh, en)
        if source.headers and name in in_blocks:
            zh = f"{name} 的表头已由 repeat 的 blocks 给出,这里不要再写"
            file.problem(place, zh, f"the headers of {name} stand in the blocks of `repeat` already")
        if source.dictionary and source.dictionary not in mapping.dictionaries:
            near = nearest(source.dictionary, mapping.dictionaries)
            zh, en = (
                f"没有字典 {source.dictionary},是否 {near}?",
                f"there is no dictionary {source.dictionary}",
            )
            file.problem(place, zh, f"{en}; did you mean {near}?")
        column = contract.columns_by_name.get(name)
        if column is not None:
            _check_dictionary(file, mapping, column, source)
            _check_number(file, column, source, place)


def _check_dictionary(file: YamlFile, mapping: Mapping, column: Column, source: ColumnSource) -> None:
    """A dictionary must lead to the contract's codes, or every row it touches would be rejected."""
    if not column.valid_values or source.dictionary not in mapping.dictionaries:
        return
    right = "、".join(column.valid_values)
    for code, meant in mapping.dictionaries[source.dictionary].items():
        if meant not in NOTHING and meant not in column.valid_values:
            zh = f"字典 {source.dictionary} 译出的 {meant} 不在 {column.name} 的值域({right})内"
            en = f"dictionary {source.dictionary} gives {meant}, which {column.name} does not allow ({right})"
            file.problem(("dictionaries", source.dictionary, code), zh, en)


def _check_number(file: YamlFile, column: Column, source: ColumnSource, place: tuple[str, ...]) -> None:
    is_number = column.logical_type in ("integer", "number")
    if source.factor is not None and (not is_number or column.is_money):
        zh, en = (
            "factor 只用于数值列;金额请用 money_unit",
            "`factor` is for numbers; money takes `money_unit`",
        )
        file.problem((*place, "factor"), zh, en)
    if source.money_unit is not None and not column.is_money:
        zh = f"{column.name} 不是金额列,money_unit 不适用"
        file.problem(
            (*place, "money_unit"), zh, f"{column.name} is no money column: `money_unit` does not apply"
        )
    if source.join == "date_hour" and column.logical_type != "timestamp":
        zh = f"{column.name} 不是时间列,join: date_hour 不适用"
        file.problem((*place, "join"), zh, f"{column.name} is no timestamp: `join: date_hour` does not apply")


def _check_junk(file: YamlFile, mapping: Mapping) -> None:
    contracts = load_contracts()
    known = {column.name for feed in mapping.feeds if feed in contracts for column in contracts[feed].columns}
    for column, values in mapping.junk.items():
        place = ("junk", column)
        if column not in known:
            zh = f"本映射的数据表都没有列 {column},是否 {nearest(column, known)}?"
            file.problem(place, zh, f"no feed of this mapping has a column {column}")
        for value in values:
            if value.startswith("=") and value[1:] not in known:
                zh = f"“{value}”:没有列 {value[1:]},是否 {nearest(value[1:], known)}?"
                file.problem(place, zh, f"{value!r}: there is no column {value[1:]}")
            if is_pattern(value):
                _check_pattern(file, place, value[1:-1])


def _check_test_names(file: YamlFile, mapping: Mapping) -> None:
    for index, pattern in enumerate(mapping.test_patient.name_matches):
        _check_pattern(file, ("test_patient", "name_matches", index), pattern)


def _check_pattern(file: YamlFile, place: tuple[str | int, ...], pattern: str) -> None:
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        file.problem(place, f"正则表达式有误:{error}", f"not a regular expression: {error}")


def is_pattern(value: str) -> bool:
    """Whether a junk value is written as a /regular expression/."""
    return len(value) > 2 and value.startswith("/") and value.endswith("/")
