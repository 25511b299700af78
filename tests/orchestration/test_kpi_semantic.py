"""The semantic models are such to dbt itself, in a project of their own; what does not add up is left out and named."""

from __future__ import annotations

from pathlib import Path

import yaml
from dbt.cli.main import dbtRunner

from orchestration.kpi_registry import Registered, load_registry, load_subjects
from orchestration.kpi_semantic import text, why_not

SUBJECTS = load_subjects()
REGISTRY = load_registry()
MODELS = ("mart_unit_value", "dim_unit", "calendar_day")
PROJECT = {"name": "bi", "profile": "bi", "version": "1.0"}
PROFILE = {"bi": {"target": "here", "outputs": {"here": {"type": "duckdb", "path": ":memory:"}}}}


def test_dbt_reads_the_semantic_models_and_their_metrics(tmp_path: Path) -> None:
    """As docs/example-queries.md says: three models and the file. dbt refuses names, types and references that do not fit."""
    models = tmp_path / "models"
    models.mkdir()
    (models / "kpi_semantic.yml").write_text(text(REGISTRY, SUBJECTS), encoding="utf-8")
    for name in MODELS:
        (models / f"{name}.sql").write_text("select 1 as one", encoding="utf-8")
    for name, content in (("dbt_project.yml", PROJECT), ("profiles.yml", PROFILE)):
        (tmp_path / name).write_text(yaml.safe_dump(content), encoding="utf-8")
    places = [f"--{place}-dir={tmp_path}" for place in ("project", "profiles")]
    done = dbtRunner().invoke(["--quiet", "parse", *places, f"--log-path={tmp_path}"])
    assert done.success, done.exception
    adding = {one.kpi_id.lower().replace("-", "_") for one in REGISTRY if not why_not(one)}
    assert adding <= {metric.name for metric in done.result.metrics.values()}


def changed(**new: object) -> Registered:
    """Length of stay, defined otherwise."""
    (one,) = (each for each in REGISTRY if each.kpi_id == "KPI-010")
    return one._replace(kpi=one.kpi.model_copy(update=new))


def test_what_does_not_add_up_is_left_out_and_named() -> None:
    mean = {"numerator": "sum", "denominator": "mean"}
    for one in (changed(statistic="median"), changed(not_computed="没有"), changed(over_months="mean")):
        written = text([one], SUBJECTS)
        assert "KPI-010 平均住院日" in written.partition("version: 2")[0]
        assert yaml.safe_load(written)["metrics"] == []
    assert why_not(changed(over_months=type(REGISTRY[0].kpi.over)(**mean)))


def test_a_state_is_taken_at_the_end_of_a_period_and_never_added_over_months() -> None:
    flow, state = (
        yaml.safe_load(text([one], SUBJECTS))["semantic_models"][0]["measures"][0]
        for one in (changed(), changed(over_months="last"))
    )
    assert "non_additive_dimension" not in flow
    assert state["non_additive_dimension"] == {"name": "accounting_month", "window_choice": "max"}


def test_a_metric_adds_one_level_only() -> None:
    """Else the county would count again in its communities and institutions."""
    measures = yaml.safe_load(text([changed()], SUBJECTS))["semantic_models"][0]["measures"]
    assert {each["expr"].count("unit_level = ") for each in measures} == {1}
    county_only = changed(levels=("county",), tiers=())
    (first, _) = yaml.safe_load(text([county_only], SUBJECTS))["semantic_models"][0]["measures"]
    assert "unit_level = 'county'" in first["expr"]
