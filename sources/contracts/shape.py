"""What of a contract others build on, as plain data that can be kept and compared.

Deliverers build on what is asked of them, the warehouse on what leaves; words for people count only as words. Not here:
which difference breaks what (compatibility), where the accepted shapes are kept (versions).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sources.contracts.contract import Contract
from sources.contracts.words import Column

# Words for people: changing them changes nothing that a program sees.
_WORDS = ("business_name", "description", "code_system", "examples")


@dataclass(frozen=True)
class Shape:
    """`feed` holds what the contract says of itself, `columns` what it says of each column, by name and in order;
    `words` is a hash of everything said to people. Absent means the default.
    """

    version: str
    feed: dict[str, Any]
    columns: dict[str, dict[str, Any]]
    words: str

    def as_json(self) -> dict[str, Any]:
        return {"version": self.version, "words": self.words, **self.feed, "columns": self.columns}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Shape:
        feed = {name: value for name, value in kept.items() if name not in ("version", "words", "columns")}
        return cls(kept["version"], feed, kept["columns"], kept["words"])


def shape_of(contract: Contract) -> Shape:
    """The shape of a contract as it stands."""
    feed = {
        "status": contract.status,
        "domain": contract.domain,
        "provider": contract.provider,
        "delivery": contract.delivery,
        "keep_every_month": contract.keep_every_month,
        "one_list": contract.one_list,
        "register_of": contract.register_of,
        "side_by_side": contract.side_by_side and contract.side_by_side.model_dump(),
        "key": list(contract.key),
        "event_time": contract.event_time,
        "control_money": contract.control_money,
    }
    if contract.same_entry:
        feed["same_entry"] = list(contract.same_entry)
    if contract.event_window_months:
        feed["event_window_months"] = contract.event_window_months.model_dump()
    columns = {column.name: _column(column) for column in contract.columns}
    return Shape(contract.version, feed, columns, _words(contract))


def _column(column: Column) -> dict[str, Any]:
    excluded = {"name", "primary_key", "primary_key_position", *_WORDS}
    return column.model_dump(mode="json", exclude=excluded, exclude_defaults=True, exclude_none=True)


def _words(contract: Contract) -> str:
    own = [contract.name, contract.description.model_dump(), contract.grain.model_dump()]
    own += [contract.source_system, contract.refresh, contract.known_differences]
    if contract.unread_because:
        own.append(contract.unread_because.model_dump())
    columns = [column.model_dump(mode="json", include={"name", *_WORDS}) for column in contract.columns]
    text = json.dumps([own, columns], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
