"""Every relation of the project, as a bag of rows; every published file, byte for byte."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.parity.relations import columns, differing, opened

pytestmark = pytest.mark.parity


def test_every_relation_has_the_same_rows(of_duckdb: Path, of_spark: Path) -> None:
    relations, found = differing(of_duckdb, of_spark)
    assert found == {}
    with opened(of_duckdb) as ours:
        assert set(columns(ours)) == relations
    assert len(relations) > 300


def test_every_published_file_has_the_same_bytes(of_duckdb: Path, of_spark: Path) -> None:
    ours, theirs = (released(home) for home in (of_duckdb, of_spark))
    assert len(ours) > 30
    assert theirs == ours


def released(home: Path) -> dict[str, str]:
    """Hashes of the tables of the current release: marts, events, lineage."""
    release = (home / "current").resolve()
    return {
        str(path.relative_to(release)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(release.rglob("*.parquet"))
    }
