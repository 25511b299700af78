"""The dictionary of the published tables: what each holds, its key and columns, in Chinese and English.

`python -m orchestration.publishing.mart_dictionary` writes docs/generated/mart_dictionary.md from the descriptions of the dbt
models and of what the gates count; a test holds the file against them. Not here: the feeds (sources.contracts.dictionary).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from orchestration.dbt import ensure_manifest, load_manifest
from orchestration.publishing.marts import MADE_BY_GATES, MARTS, Mart

PAGE = Path(__file__).parents[2] / "docs" / "generated" / "mart_dictionary.md"
_SQL_TYPES = {pa.string(): "string", pa.int64(): "bigint", pa.float64(): "double"}
_HEAD = """\
# 发布表字典 / Dictionary of the published tables

由模型生成,请勿手改:`make generated`。Generated from the models in `dbt_project/models`: do not edit.

每张表是一个 Parquet 文件(`<home>/current/marts/`),也是 `release.duckdb` 中 `marts` 下的一张表。 / Each is one Parquet file
under `<home>/current/marts/`, and a table of the schema `marts` in `release.duckdb`.

读法 / how to read: **键** K = part of the key. `_fen` 为整数分 / whole fen; 缺失为 null,从不以 0 代替 / missing is null, never 0.
按月的表,已发布的月份不再改变 / in a table by month, published months stay as they are.
"""


def page(manifest: Mapping[str, Any]) -> str:
    """The page as Markdown, from a parsed manifest of dbt. Raises KeyError if a published table has no model."""
    described = [(mart, *_description(mart, manifest)) for mart in MARTS]
    lines = [_HEAD, "| 表 / table | 名称 | |", "|---|---|---|"]
    lines += [
        f"| [`{mart.name}`](#{mart.name}) | {' | '.join(_halves(text))} |" for mart, text, _ in described
    ]
    for mart, text, columns in described:
        lines += ["", *_table(mart, text, columns)]
    return "\n".join(lines) + "\n"


def _table(mart: Mart, text: str, columns: list[tuple[str, str, str]]) -> Iterator[str]:
    yield f'## <a id="{mart.name}"></a>`{mart.name}`'
    yield f"\n{' / '.join(_halves(text))}{' · 按月 / by month' if mart.monthly else ''}\n"
    yield "| 列 / column | 键 | 类型 / type | 名称 | English |"
    yield "|---|---|---|---|---|"
    for name, kind, words in columns:
        key = "K" if name in mart.key else ""
        yield "| " + " | ".join((f"`{name}`", key, kind, *_halves(words))) + " |"


def _description(mart: Mart, manifest: Mapping[str, Any]) -> tuple[str, list[tuple[str, str, str]]]:
    """What a table is, and its columns: name, type (empty where the model declares none), words."""
    if schema := MADE_BY_GATES.get(mart.name):
        return _words(schema.metadata), [
            (field.name, _SQL_TYPES[field.type], _words(field.metadata)) for field in schema
        ]
    model = manifest["nodes"][f"model.yigongti.{mart.name}"]
    columns = model["columns"].values()
    return model["description"], [
        (column["name"], column["data_type"] or "", column["description"]) for column in columns
    ]


def _words(metadata: Mapping[bytes, bytes]) -> str:
    return " | ".join(metadata[key].decode() for key in (b"description_zh", b"description_en"))


def _halves(text: str) -> tuple[str, str]:
    """Chinese and English of a description, safe inside a cell of a table."""
    chinese, _, english = text.partition(" | ")
    return chinese.replace("|", "\\|"), english.replace("|", "\\|")


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(load_manifest(ensure_manifest())), encoding="utf-8")
    print(f"wrote {PAGE.name}")


if __name__ == "__main__":
    main()
