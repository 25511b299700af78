"""The dictionary of the published tables says what the models say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from expectations.published import PUBLISHED_DIMENSIONS
from orchestration.assets.release import released_models
from orchestration.dbt import ensure_manifest, load_manifest
from orchestration.publishing.mart_dictionary import PAGE, page
from orchestration.publishing.marts import DATA_QUALITY, MARTS


@pytest.fixture(scope="module")
def manifest() -> Mapping[str, Any]:
    return load_manifest(ensure_manifest())


def _rows(text: str, mart: str) -> list[list[str]]:
    """Cells of the rows that describe a table's columns."""
    section = text.split(f'<a id="{mart}"></a>')[1].split("\n## ")[0]
    return [line[2:-2].split(" | ") for line in section.splitlines() if line.startswith("| `")]


def test_the_file_is_in_step_with_the_models(manifest: Mapping[str, Any]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(manifest), "run: make generated"


def test_every_published_table_and_column_stands_there_in_both_languages(manifest: Mapping[str, Any]) -> None:
    text = page(manifest)
    for mart in MARTS:
        assert f"| [`{mart.name}`](#{mart.name}) |" in text
        rows = _rows(text, mart.name)
        assert {f"`{name}`" for name in mart.key} == {row[0] for row in rows if row[1] == "K"}, mart.name
        assert all(len(row) == 5 and row[3] and row[4] for row in rows), mart.name


def test_the_table_no_model_makes_is_described_as_it_is_written(manifest: Mapping[str, Any]) -> None:
    rows = _rows(page(manifest), "mart_data_quality")
    assert [row[0] for row in rows] == [f"`{name}`" for name in DATA_QUALITY.names]
    assert ["`violated`", "", "bigint", "不符合数", "number that violated the rule"] in rows


def test_every_mart_of_the_models_is_published(manifest: Mapping[str, Any]) -> None:
    models = {node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    marts = {name for name in models if name.startswith("mart_")}
    assert marts and marts <= {mart.name for mart in MARTS}


def test_a_release_waits_for_every_published_dimension_and_the_gate_looks_at_it(
    manifest: Mapping[str, Any],
) -> None:
    dimensions = {mart.name for mart in MARTS if mart.name.startswith("dim_")}
    assert dimensions == set(PUBLISHED_DIMENSIONS)
    assert dimensions <= set(released_models(manifest))
