"""The staging models that are committed are those the contracts make."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import yaml

from sources.base.engine import ask
from sources.base.files import write_parquet
from sources.base.home import Home
from sources.contracts.load import load_contracts
from sources.contracts.staging_models import (
    BY_HAND,
    MODELS,
    expected_files,
    model_sql,
    model_yaml,
    source_yaml,
)

WRITTEN = ("cfg", "his", "ph", "si")


def test_the_files_are_in_step_with_the_contracts() -> None:
    different = [
        str(path.relative_to(MODELS))
        for path, text in expected_files().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    assert different == [], "run: make generated"


def test_one_of_each_form_is_linted_and_no_line_is_too_long_in_any() -> None:
    """The linter reads two of them (dbt_project/.sqlfluffignore); between two of one form only names and their number differ."""
    models = {path: text for path, text in expected_files().items() if path.suffix == ".sql"}
    assert max(len(line) for text in models.values() for line in text.splitlines()) <= 120
    linted = [models[MODELS / "staging" / "his" / f"stg_{feed}.sql"] for feed in ("his_rx", "his_staff")]
    assert {_form(text) for text in linted} == {_form(text) for text in models.values()}


def _form(sql: str) -> str:
    return re.sub(
        r"( {8}'_',\n)+", "        '_',\n", re.sub(r"'_'(, '_')*\]", "'_']", re.sub(r"'\w+'", "'_'", sql))
    )


def test_no_staging_model_outlives_its_feed() -> None:
    found = {path for domain in WRITTEN for path in (MODELS / "staging" / domain).iterdir()}
    expected = {path for path in expected_files() if path.parent.parent.name == "staging"}
    by_hand = {MODELS / "staging" / load_contracts()[feed].domain / f"stg_{feed}.sql" for feed in BY_HAND}
    assert found == expected | by_hand


def test_a_list_kept_every_month_is_told_apart_from_one_that_is_replaced() -> None:
    staff, dept = load_contracts()["his_staff"], load_contracts()["his_dept"]
    assert "snapshot=true" in model_sql(staff) and "名册各留一版" in model_yaml(staff)
    assert "snapshot" not in model_sql(dept) and "取最新版本" in model_yaml(dept)


def test_what_stands_for_a_person_is_staged_and_the_person_is_not() -> None:
    sql = model_sql(load_contracts()["si_settle_list"])
    assert {"'insurance_key'", "'id_card_key'", "'birth_year'"} <= set(sql.replace(",", "").split())
    assert not {"'psn_name'", "'certno'", "'brdy'", "'coner_tel'", "'op_flag'"} & set(
        sql.replace(",", "").split()
    )


def test_a_batch_older_than_a_column_is_read_with_that_column_null(tmp_path: Path) -> None:
    """A compatible change of a contract needs no replay: the source reads by name."""
    home, contract = Home(tmp_path), load_contracts()["his_dept"]
    older = pa.table({"dept_code": ["01"]})
    write_parquet(home.conformed_batch("his_dept", "A", "2025-01", "b1"), older)
    write_parquet(home.conformed_schema("his_dept"), contract.arrow_schema().empty_table())
    [source] = yaml.safe_load(source_yaml({"his_dept": contract}))["sources"]
    location = source["config"]["meta"]["external_location"].replace("{name}", "his_dept")
    location = re.sub("'conformed", f"'{home.conformed}", location)
    rows = ask(f"select dept_code, ward_flag, institution_id, month from {location}")
    assert rows == [("01", None, "A", "2025-01")]
