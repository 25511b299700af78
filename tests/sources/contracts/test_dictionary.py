"""The published data dictionary says what the contracts say."""

from __future__ import annotations

from sources.contracts.dictionary import FOLDER, pages
from sources.contracts.load import load_contracts


def test_the_files_are_in_step_with_the_contracts() -> None:
    written = {path: path.read_text(encoding="utf-8") for path in FOLDER.glob("data_dictionary*.md")}
    assert written == pages(), "run: make generated"


def test_every_feed_and_column_stands_on_the_page_of_its_system() -> None:
    contents = pages()[FOLDER / "data_dictionary.md"]
    for contract in load_contracts().values():
        page = f"data_dictionary_{contract.domain}.md"
        assert f"[`{contract.feed}`]({page}#{contract.feed})" in contents
        text = pages()[FOLDER / page]
        assert f'<a id="{contract.feed}"></a>`{contract.feed}` {contract.name}' in text
        for column in contract.columns:
            assert f"| `{column.name}` | {column.business_name} |" in text


def test_a_dropped_column_is_said_to_leave_nowhere() -> None:
    text = pages()[FOLDER / "data_dictionary_his.md"]
    row = next(line for line in text.splitlines() if line.startswith("| `phone` |"))
    assert row.endswith("| — |")
