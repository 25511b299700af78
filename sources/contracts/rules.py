"""What makes a contract consistent in itself, beyond the shape of its file: every problem, in words.

Not here: the shape (words, contract), or whether a change of it is compatible (compatibility).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sources.contracts.contract import Contract
from sources.contracts.words import Column

PHYSICAL_TYPES = {
    "string": r"varchar\([1-9]\d*\)|char\([1-9]\d*\)|text",
    "integer": "int|smallint|bigint",
    "number": r"decimal\([1-9]\d*,\d+\)",
    "date": "date",
    "timestamp": "timestamp",
}
_MOMENTS = ("date", "timestamp")
# The folders of conformed feeds; hive partitioning would hide a column of that name.
_FOLDERS = ("institution_id", "month")


def problems(contract: Contract) -> Iterator[str]:
    """What is wrong with a contract: its columns one by one, or else together."""
    of_columns = [
        f"{column.name}: {problem}" for column in contract.columns for problem in _of_column(column)
    ]
    # A column that is wrong by itself would make the rest stumble.
    yield from of_columns or _of_contract(contract)


def _of_column(column: Column) -> Iterator[str]:
    if not re.fullmatch(PHYSICAL_TYPES[column.logical_type], column.physical_type):
        yield f"a {column.logical_type} is no {column.physical_type}"
    if column.classification == "P3" and column.privacy is None:
        yield "a P3 column needs a privacy rule"
    if column.required and column.when_invalid == "nullify":
        yield "a required column cannot be nullified"
    if column.primary_key and not column.required:
        yield "a key column is required"
    if column.primary_key != (column.primary_key_position is not None):
        yield "primaryKey and primaryKeyPosition come together"
    if column.terminology_version_column and column.terminology is None:
        yield "a terminology version needs a terminology"
    if column.named_by and column.terminology is None:
        yield "namedBy is for codes of a terminology"
    if column.is_money and column.physical_type != "bigint":
        yield "fen are bigint"
    yield from _only_on_some_types(column)
    yield from _values(column)


def _only_on_some_types(column: Column) -> Iterator[str]:
    if column.logical_type != "string":
        for said, word in ((column.format, "format"), (column.references, "references")):
            if said:
                yield f"{word} is for strings"
    generalised = column.privacy is not None and column.privacy.generalise is not None
    if column.logical_type not in _MOMENTS and (column.open_ended or generalised or column.not_before):
        yield "openEnded, notBefore and generalise are for dates and timestamps"


def _values(column: Column) -> Iterator[str]:
    values = column.valid_values
    if values and column.logical_type != "string":
        yield "validValues are for strings"
    if len(set(values)) != len(values):
        yield "validValues has a value twice"
    foreign = [example for example in column.examples if values and example not in values]
    if foreign:
        yield f"examples outside validValues: {', '.join(foreign)}"


def _of_contract(contract: Contract) -> Iterator[str]:
    names = [column.name for column in contract.columns]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        yield f"columns named twice: {', '.join(doubled)}"
    absent = sorted(set(_named(contract)) - set(names))
    if absent:
        # Everything else would stumble over a name that is not there.
        yield f"not columns: {', '.join(absent)}"
        return
    yield from _of_time_and_money(contract)
    yield from _of_entries(contract)
    positions = [contract.column(name).primary_key_position for name in contract.key]
    if not positions or positions != list(range(1, len(positions) + 1)):
        yield "key positions must be 1, 2, …"
    leaving = [column.name for column in contract.conformed]
    clashing = sorted({name for name in leaving if leaving.count(name) > 1 or name in _FOLDERS})
    if clashing:
        yield f"names taken when leaving: {', '.join(clashing)}"
    if set(contract.conformed_key) - set(leaving):
        yield "a key column is dropped"
    if contract.register_of and not any(
        c.linkage == "id_card" and c.privacy and c.privacy.id_card for c in contract.columns
    ):
        yield "a register needs an identity card: a column with `linkage: id_card` and the privacy rule id_card"
    if contract.register_of and contract.register_key not in leaving:
        yield f"a register of {contract.register_of} needs a column that leaves as {contract.register_key}"


def _named(contract: Contract) -> Iterator[str]:
    """Columns that something in the contract names."""
    yield from filter(None, (contract.event_time, contract.control_money))
    yield from contract.same_entry
    if contract.side_by_side is not None:
        yield from (contract.side_by_side.number, contract.side_by_side.filled)
    for column in contract.columns:
        yield from filter(None, [column.terminology_version_column, column.named_by, column.not_before])
        rule = column.privacy
        if rule is not None and rule.pseudonym is not None:
            yield from filter(None, [rule.pseudonym.scope])
        if rule is not None and rule.id_card is not None:
            yield from filter(None, [rule.id_card.birth_date_column, rule.id_card.type_column])


def _of_entries(contract: Contract) -> Iterator[str]:
    is_list = contract.delivery != "events" and not contract.control_money
    if contract.same_entry and not is_list:
        yield "same_entry is for lists without control money: of events the order of lines says nothing"
    if contract.register_of and is_list and not contract.same_entry:
        yield "a register that is a list says in same_entry whose entry a row is"
    for name in contract.same_entry:
        if name in contract.key:
            yield f"same_entry {name}: the key is the same anyway"


def _of_time_and_money(contract: Contract) -> Iterator[str]:
    if (contract.event_time is None) != (contract.event_window_months is None):
        yield "event_time and event_window_months come together"
    if contract.event_time and contract.column(contract.event_time).logical_type not in _MOMENTS:
        yield f"event_time {contract.event_time} is neither date nor timestamp"
    if contract.control_money and not contract.column(contract.control_money).is_money:
        yield f"control_money {contract.control_money} is not in fen"
    for column in contract.columns:
        if column.not_before and contract.column(column.not_before).logical_type not in _MOMENTS:
            yield f"{column.name}: notBefore {column.not_before} is neither date nor timestamp"
    if contract.keep_every_month and contract.delivery != "snapshot":
        yield "only a snapshot can keep every month"
