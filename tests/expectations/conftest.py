"""A small home folder written by hand: what conforming and dbt would leave behind, without either."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sources.base.files import write_parquet
from sources.base.home import Home
from sources.contracts.load import load_contracts
from sources.intake.standing import RESOLVED_SCHEMA, STANDING_SCHEMA

MONTH = "2025-03"
LEAD = "H34062100001"
TOWN = "H34062100011"

BATCH = {
    "feed": "his_rx",
    "institution_id": TOWN,
    "month": MONTH,
    "batch_id": "b1",
    "status": "conformed",
    "source_file": f"{TOWN}/{MONTH}/CF_202503.csv",
    "source_sha256": "0" * 64,
    "encoding": "utf-8",
    "mapping": "vendor_b",
    "mapping_sha256": "1" * 64,
    "delivered_rows": 1000,
    "accepted_rows": 1000,
    "quarantined_rows": 0,
    "duplicate_rows": 0,
    "delivered_fen": 5000,
    "accepted_fen": 5000,
    "quarantined_fen": 0,
    "duplicate_fen": 0,
    "first_landed_at": dt.datetime(2025, 4, 8, 10),
}
RULE = {
    "feed": "his_rx",
    "institution_id": TOWN,
    "month": MONTH,
    "batch_id": "b1",
    "rule_id": "REQUIRED_MISSING",
    "column_name": "rx_no",
    "disposition": "quarantined",
    "violated": 0,
    "total": 1000,
    "message_zh": "必填为空",
    "message_en": "required value missing",
}

NO_KEYS = {name: 0 for name in STANDING_SCHEMA.names if name.endswith(("_keys", "_rows", "_fen"))}


class HandmadeHome:
    """Writes the files a gate reads. Every method may be called again to replace what it wrote."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root)
        self.outcomes([], [])
        self.expected([])
        self.institutions([(LEAD, "county_lead"), (TOWN, "township")])
        self.close_after(15)
        self._rows(self.home.run_month, [{"month": MONTH}], {"month": ""})

    @classmethod
    def on(cls, home: Home) -> HandmadeHome:
        """One that intake filled: nothing of it is replaced."""
        made = cls.__new__(cls)
        made.home = home
        return made

    def outcomes(self, batches: list[dict[str, Any]], rules: list[dict[str, Any]]) -> None:
        self._rows(
            self.home.batch_outcome / "batches.parquet", [{**BATCH, **batch} for batch in batches], BATCH
        )
        self._rows(self.home.rule_outcome / "rules.parquet", [{**RULE, **rule} for rule in rules], RULE)

    def standing(self, rows: list[dict[str, Any]]) -> None:
        """What is said of batches of the demo feed; whoever is not named is in force."""
        same = {
            "feed": BATCH["feed"],
            "institution_id": TOWN,
            "month": MONTH,
            "source_file": BATCH["source_file"],
        }
        table = pa.Table.from_pylist([{**NO_KEYS, **same, **row} for row in rows], schema=STANDING_SCHEMA)
        write_parquet(self.home.batch_standing / f"{BATCH['feed']}.parquet", table)

    def resolved(self, faults: list[dict[str, Any]]) -> None:
        """Faults that a later batch mended."""
        table = pa.Table.from_pylist(faults, schema=RESOLVED_SCHEMA)
        write_parquet(self.home.resolved_fault / f"{BATCH['feed']}.parquet", table)

    def expected(self, deliveries: list[tuple[str, str]]) -> None:
        rows = [{"feed": feed, "institution_id": institution} for feed, institution in deliveries]
        self._rows(self.home.county / "expected_delivery.parquet", rows, {"feed": "", "institution_id": ""})

    def institutions(self, members: list[tuple[str, str]]) -> None:
        rows = [{"institution_id": institution, "tier": tier} for institution, tier in members]
        self._rows(self.home.county / "institution.parquet", rows, {"institution_id": "", "tier": ""})

    def policy(self, table: str, rows: list[dict[str, Any]]) -> None:
        pq.write_table(pa.Table.from_pylist(rows), self._ready(self.home.policy / f"{table}.parquet"))

    def close_after(self, days: int) -> None:
        """Accounts close so many days after the month; 99 until February 2025."""
        common = {"parameter": "close_after_days", "effective_from": dt.date(2015, 1, 1)}
        old = {**common, "value": 99, "effective_to": dt.date(2025, 2, 28)}
        new = {**common, "value": days, "effective_from": dt.date(2025, 3, 1), "effective_to": None}
        self.policy("kpi_parameter", [old, new])

    def accepted(
        self,
        rows: list[dict[str, Any]],
        feed: str = "his_rx",
        batch_id: str = "b1",
        month: str = MONTH,
        institution: str = TOWN,
    ) -> None:
        """Accepted rows of a batch, columns not given are null."""
        schema = load_contracts()[feed].arrow_schema()
        full = [dict.fromkeys(schema.names) | {"source_batch_id": batch_id} | row for row in rows]
        path = self._ready(self.home.conformed_batch(feed, institution, month, batch_id))
        pq.write_table(pa.Table.from_pylist(full, schema=schema), path)

    def prescriptions(self, count: int) -> None:
        """`count` accepted prescriptions that fit the contract, 5 fen each."""
        self.accepted([prescription(number) for number in range(count)])

    def build(self, *statements: str) -> None:
        """Create `warehouse/build.duckdb` with these statements, and with the outcomes as dbt reads them, all in force."""
        self.home.build_database.unlink(missing_ok=True)
        with duckdb.connect(str(self._ready(self.home.build_database))) as connection:
            connection.execute(
                "create table stg_batch_outcome as select * exclude (institution_id, month), 'in_force' as standing, "
                "institution_id as deliverer_id, month as delivery_month from read_parquet(?)",
                [str(self.home.batch_outcome / "*.parquet")],
            )
            for statement in statements:
                connection.execute(statement)

    def _rows(self, path: Path, rows: list[dict[str, Any]], example: dict[str, Any]) -> None:
        schema = pa.Table.from_pylist([example]).schema
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), self._ready(path))

    @staticmethod
    def _ready(path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def prescription(number: int) -> dict[str, Any]:
    """One conformed row of his_rx that fits its contract."""
    contract = load_contracts()["his_rx"]
    values: dict[str, Any] = {}
    for name, kind, *_ in contract.conformed_columns():
        column = next((column for column in contract.columns if column.name == name), None)
        if column is None or not column.required:
            continue
        values[name] = _value(kind, column.valid_values, number)
    return values | {
        "org_code": TOWN,
        "rx_no": f"R{number}",
        "rx_amount": 5,
        "source_line": number + 2,
        "row_hash": str(number),
        "source_file": BATCH["source_file"],
    }


def _value(kind: str, valid: tuple[str, ...], number: int) -> Any:
    if valid:
        return valid[0]
    samples = {
        "BIGINT": 5,
        "INTEGER": 1,
        "DATE": dt.date(2025, 3, 1),
        "TIMESTAMP": dt.datetime(2025, 3, 1, 9),
    }
    return samples.get(kind, f"x{number}")


@pytest.fixture
def handmade(tmp_path: Path) -> HandmadeHome:
    return HandmadeHome(tmp_path / "home")
