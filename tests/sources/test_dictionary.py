"""The published data dictionary says what the contracts say."""

from __future__ import annotations

from sources.contract import load_contracts
from sources.dictionary import PATH, dictionary


def test_the_file_is_in_step_with_the_contracts() -> None:
    assert PATH.read_text(encoding="utf-8") == dictionary(), "run: python -m sources.dictionary"


def test_every_feed_and_column_stands_in_it() -> None:
    text = dictionary()
    for contract in load_contracts().values():
        assert f"`{contract.feed}` {contract.name}" in text
        for column in contract.columns:
            assert f"| `{column.name}` | {column.business_name} |" in text


def test_a_dropped_column_is_said_to_leave_nowhere() -> None:
    row = next(line for line in dictionary().splitlines() if line.startswith("| `phone` |"))
    assert row.endswith("| — |")
