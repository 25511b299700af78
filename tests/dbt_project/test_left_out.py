"""Reasons why events count in no KPI: what the SQL says and what has words are the same."""

from __future__ import annotations

import re
from pathlib import Path

PROJECT = Path(__file__).parents[2] / "dbt_project"


def test_every_reason_has_words_and_every_word_a_reason() -> None:
    """An event whose reason has no words would be in no list."""
    models = (PROJECT / "models" / "kpi" / "left_out").glob("left_out__*.sql")
    used = {name for path in models for name in re.findall(r"'(\w+)': ['\"]", path.read_text("utf-8"))}
    worded = (PROJECT / "seeds" / "left_out_reason.csv").read_text("utf-8").splitlines()[1:]
    assert used == {line.split(",")[0] for line in worded}
