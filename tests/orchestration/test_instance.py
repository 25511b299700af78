"""Whose dagster.yaml lies in a home: ours is kept up to date, somebody else's is left alone."""

from pathlib import Path

from orchestration.instance import OURS, SETTINGS, ensure_dagster_home


def test_ours_is_written_and_brought_up_to_date(tmp_path: Path):
    file = ensure_dagster_home(tmp_path) / "dagster.yaml"
    assert file.read_text("utf-8") == SETTINGS
    file.write_text(f"{OURS} in an earlier version\n", "utf-8")
    ensure_dagster_home(tmp_path)
    assert file.read_text("utf-8") == SETTINGS


def test_what_somebody_else_wrote_stays(tmp_path: Path):
    file = tmp_path / "dagster" / "dagster.yaml"
    file.parent.mkdir()
    file.write_text("telemetry: {enabled: false}\n", "utf-8")
    ensure_dagster_home(tmp_path)
    assert file.read_text("utf-8") == "telemetry: {enabled: false}\n"
