"""The rows behind a failing test of dbt, as Dagster shows them and the run tells: file and line where the table keeps them, and
what fails.

Belongs here: asking the build database once more for what the test found. Does not belong here: running tests
(orchestration.dbt), the verdicts of gates (orchestration.verdicts). Values are shown as shapes, unless they name nobody.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from orchestration.dbt import read_build
from sources.base.engine import literal, matching, quoted
from sources.base.home import Home
from sources.base.privacy import mask

SHOWN, TOLD = 20, 3
# Of places, months and counts; anything else may be of a person.
PLAIN = ("month", "institution_id", "deliverer_id", "kpi_id", "feed", "row_count", "n_records")
# What dbt's own tests call the column that they were given.
GIVEN = ("unique_field", "value_field", "from_field")
BATCH, LINE = "source_batch_id", "source_line"

Row = dict[str, Any]


def failing_rows(
    home: Home, manifest: Mapping[str, Any], found: Mapping[str, str]
) -> dict[str, Sequence[Row]]:
    """{test: up to SHOWN rows}, of {test as the manifest calls it: its statement as it was run}."""
    if not found:
        return {}
    with read_build(home) as connection:
        return {test: _rows(connection, home, manifest, test, sql) for test, sql in found.items()}


def in_words(manifest: Mapping[str, Any], failing: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    """Of every failing test what it says must hold, and its first rows, a line each."""
    for test, rows in sorted(failing.items()):
        node = manifest["nodes"][test]
        yield f"{node['name']}: {node['description']}".removesuffix(": ")
        for row in rows[:TOLD]:
            yield "  " + " ".join(f"{name}={value}" for name, value in row.items())


def _rows(connection: Any, home: Home, manifest: Mapping[str, Any], test: str, sql: str) -> Sequence[Row]:
    node = manifest["nodes"][test]
    connection.execute(f"create or replace temp table failing as {sql}")
    for name in set(_columns(connection, "failing")).intersection(GIVEN):
        connection.execute(f"alter table failing rename {name} to {quoted(node['column_name'])}")
    failing = _columns(connection, "failing")
    model = manifest["nodes"].get(node.get("attached_node"))
    if model is not None:
        table = f"{quoted(model['schema'])}.{quoted(model['alias'])}"
        there = _columns(connection, table)
        shared = [name for name in failing if name in there]
        if shared and {BATCH, LINE} <= set(there):
            return _with_lines(connection, home, table, shared)
    names = ", ".join(map(quoted, failing))
    return _shown(connection.execute(f"select {names} from failing order by all limit {SHOWN}"))


def _with_lines(connection: Any, home: Home, table: str, shared: Sequence[str]) -> Sequence[Row]:
    """The rows of the table that the test speaks of, each with its file and line."""
    same = " and ".join(f"row.{quoted(name)} is not distinct from failing.{quoted(name)}" for name in shared)
    names = ", ".join(f"row.{quoted(name)}" for name in shared)
    outcomes = matching(home.batch_outcome, "*.parquet")
    return _shown(
        connection.execute(f"""
            select batch.source_file, row.{LINE}, {names} from {table} as row
            semi join failing on {same}
            left join read_parquet({literal(outcomes)}) as batch on batch.batch_id = row.{BATCH}
            order by all limit {SHOWN}
        """)
    )


def _columns(connection: Any, relation: str) -> list[str]:
    return [name for name, *_ in connection.execute(f"describe {relation}").fetchall()]


def _shown(answer: Any) -> Sequence[Row]:
    table = answer.to_arrow_table()
    for position, name in enumerate(table.column_names):
        if name not in (*PLAIN, "source_file", LINE):
            texts = table.column(name).cast(pa.string())
            table = table.set_column(position, name, mask(texts))
    return table.to_pylist()
