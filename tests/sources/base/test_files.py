"""Files written whole or not at all, and always with the same bytes."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sources.base.files import ParquetInPieces, replacing, synchronise, write_json, write_parquet

TABLE = pa.table({"code": ["a", "b"], "fen": [1, None]})


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "place" / "file.json"
    write_json(path, {"a": 1})
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half", encoding="utf-8")
        raise RuntimeError
    assert path.read_text(encoding="utf-8") == '{\n "a": 1\n}\n'
    assert [item.name for item in path.parent.iterdir()] == ["file.json"]


@pytest.mark.parametrize(("mask", "rights"), [(0o022, 0o644), (0o077, 0o600), (0o027, 0o640)])
def test_files_have_the_rights_that_the_umask_gives(tmp_path: Path, mask: int, rights: int) -> None:
    before = os.umask(mask)
    try:
        write_json(tmp_path / "a.json", {})
        pieces = ParquetInPieces(tmp_path / "a.parquet", TABLE.schema)
        pieces.add(TABLE)
        pieces.keep()
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {rights}


def test_parquet_holds_the_table_and_the_same_table_is_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "a" / "t.parquet", tmp_path / "b" / "t.parquet"
    write_parquet(first, TABLE)
    write_parquet(second, TABLE)
    synchronise(first)
    assert pq.read_table(first).equals(TABLE)
    assert first.read_bytes() == second.read_bytes()


def test_pieces_take_their_place_only_when_kept(tmp_path: Path) -> None:
    path = tmp_path / "place" / "t.parquet"
    dropped = ParquetInPieces(path, TABLE.schema)
    dropped.add(TABLE)
    dropped.drop()
    assert list(path.parent.iterdir()) == []

    kept = ParquetInPieces(path, TABLE.schema)
    for piece in (TABLE, TABLE.slice(0, 0), TABLE):
        kept.add(piece)
    assert not path.exists()
    kept.keep()
    kept.drop()
    assert list(path.parent.iterdir()) == [path]
    assert pq.read_table(path).equals(pa.concat_tables([TABLE, TABLE]))
    assert pq.ParquetFile(path).num_row_groups == 2
