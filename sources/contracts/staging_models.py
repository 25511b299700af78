"""The staging models of the warehouse, written from the contracts: SQL, descriptions, and what dbt reads them from.

`python -m sources.contracts.staging_models` writes them; tests hold the files against the contracts. A staging model that needs
more than the newest version of its feed says so in `BY_HAND`. Not here: what staging does (dbt_project/macros).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from sources.contracts.contract import Contract
from sources.contracts.load import load_contracts

MODELS = Path(__file__).parents[2] / "dbt_project" / "models"
# Feeds whose SQL has logic of its own. Their columns and descriptions still come from the contract.
BY_HAND: frozenset[str] = frozenset()
# Columns that staging adds before and after those of the contract, described once in models/shared_columns.md.
_BEFORE = ("deliverer_id", "delivery_month")
_AFTER = ("source_batch_id", "source_file", "source_line", "src_update_ts", "row_hash")
_NOT_STAGED = "op_flag"
_KEPT = {
    False: ("取最新版本", "the newest version of each row"),
    True: ("每个交付月的名册各留一版", "the list of every delivery month is kept"),
}
_SOURCE_HEAD = """\
# Generated from sources/contracts by `make generated`: do not edit. What members and platforms deliver, typed.
# Paths are relative to the home folder (profiles.yml: file_search_path), so one manifest serves every home.
# Each is a pattern: DuckDB looks for a plain file name in the working directory first. By name, because a batch conformed
# before a contract gained a column has that column null.
version: 2

sources:
  - name: conformed
    description: '按契约定型后的各数据源(每批一个文件) | Feeds typed by their contracts, one file per batch'
    config:
      # `dbt source freshness`: from the end of a month to the 16th of the month after the next lie 46 days.
      freshness:
        warn_after: {count: 46, period: day}
      loaded_at_query: >-
        select cast(coalesce(max(first_landed_at), timestamp '1970-01-01') - interval 8 hour as timestamp)
        from read_parquet('conformed/batch_outcome/*.parquet') where feed = '{{ this.identifier }}'
      meta:
        external_location: >-
          read_parquet('conformed/{name}/*/*/*.parquet',
          hive_partitioning = true, hive_types_autocast = false, union_by_name = true)
    tables:
"""


def expected_files() -> dict[Path, str]:
    """Every generated file of dbt_project/models and its text."""
    contracts = load_contracts()
    files = {MODELS / "conformed.yml": source_yaml(contracts)}
    for feed, contract in contracts.items():
        stem = MODELS / "staging" / contract.domain / f"stg_{feed}"
        files[stem.with_suffix(".yml")] = model_yaml(contract)
        if feed not in BY_HAND:
            files[stem.with_suffix(".sql")] = model_sql(contract)
    return files


def source_yaml(contracts: Mapping[str, Contract]) -> str:
    """The dbt source `conformed`: one table per contract."""
    lines = []
    for feed in sorted(contracts):
        described = f"{contracts[feed].name} | {_english(contracts[feed])}"
        lines += [f"      - name: {feed}", f"        description: {_quoted(described)}"]
    return _SOURCE_HEAD + "\n".join(lines) + "\n"


def model_sql(contract: Contract) -> str:
    """The call of the macro that keeps the newest version of every row."""
    arguments = [
        f"    feed='{contract.feed}',",
        f"    key={list(contract.conformed_key)!r},",
        "    columns=[",
        *(f"        '{name}'," for name, _ in _own_columns(contract)),
        "    ],",
    ]
    if "month" in contract.counts_once_per:
        arguments.append("    snapshot=true,")
    return "{{ newest_version(\n" + "\n".join(arguments) + "\n) }}\n"


def model_yaml(contract: Contract) -> str:
    """Name, description and columns of the model, Chinese | English."""
    kept_zh, kept_en = _KEPT[contract.keep_every_month]
    described = f"{contract.name}:按交付方与主键{kept_zh} | {_english(contract)}; {kept_en}"
    lines = [
        "version: 2",
        "",
        "models:",
        f"  - name: stg_{contract.feed}",
        "    description: >-",
        f"      {described}",
        *_unread(contract),
        "    columns:",
    ]
    for name in _BEFORE:
        lines += _column(name, _shared(name))
    for name, description in _own_columns(contract):
        lines += _column(name, description)
    for name in _AFTER:
        lines += _column(name, _shared(name))
    return "\n".join(lines) + "\n"


def _unread(contract: Contract) -> Iterator[str]:
    if why := contract.unread_because:
        yield "    config:"
        yield f"      meta: {{unread_because: {_quoted(f'{why.zh} | {why.en}')}}}"


def _own_columns(contract: Contract) -> Iterator[tuple[str, str]]:
    for column in contract.conformed:
        if column.name not in (*_AFTER, _NOT_STAGED):
            yield column.name, f"{column.zh} | {column.en}"


def _column(name: str, description: str) -> list[str]:
    return [f"      - name: {name}", f"        description: {_quoted(description)}"]


def _shared(name: str) -> str:
    return f'{{{{ doc("{name}") }}}}'


def _english(contract: Contract) -> str:
    return contract.description.en.rstrip(".")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def main() -> None:
    """Write every file."""
    files = expected_files()
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    print(f"wrote {len(files)} files of dbt_project/models")


if __name__ == "__main__":
    main()
