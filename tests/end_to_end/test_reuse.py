"""What a run keeps of the last build: after whatever happened, the warehouse holds what a build from nothing would hold."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration import dbt, reuse
from sources.base.home import Home
from tests.end_to_end import deliveries
from tests.end_to_end.conftest import World, simulated

FIRST, SECOND, THIRD = "2025-01", "2025-02", "2025-03"
_NODE = re.compile(r"sql (?:table|view) model [a-z_]+\.(\w+) \.* ?\[([A-Z]+)(?: \d+)? in ")


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A county of which January and February are published and March has not come."""
    county = simulated(
        tmp_path / "county", residents="500", months="3", end=THIRD, seed="3", defects="default"
    )
    for path in sorted((county / "inbox").glob(f"*/{THIRD}")):
        shutil.move(path, tmp_path / "held" / path.parent.name / THIRD)
    world = World(county, tmp_path / "home")
    ran(world, "--from", FIRST, "--to", SECOND)
    return world


def ran(world: World, *months: str) -> dict[str, str]:
    """Run; what became of every model: OK if it was built, KEPT if it stayed."""
    log = world.home / "logs" / "dbt.log"
    log.unlink(missing_ok=True)
    outcome = world.run(*months)
    assert outcome.code == 0, outcome.text
    return dict(_NODE.findall(log.read_text("utf-8"))) if log.exists() else {}


def march_comes(world: World) -> None:
    for path in sorted((world.home.parent / "held").glob("*/*")):
        shutil.move(path, world.county / "inbox" / path.parent.name / path.name)


def differing(world: World, scratch: Path) -> list[str]:
    """Relations that a build from nothing, of the same files, makes otherwise; a list, or the names of all that are wrong."""
    anew = Home(scratch / "anew")
    shutil.rmtree(anew.root, ignore_errors=True)
    anew.warehouse.mkdir(parents=True)
    for name in ("conformed", "logs"):
        (anew.root / name).symlink_to(world.home / name)
    parsed = dbt.ensure_manifest()
    with reuse.reusing(anew, dbt.load_manifest(parsed), anew=True):
        built = dbt.build(
            dbt.build_arguments(anew.warehouse / "dbt", anew.warehouse), anew.root, parsed, lambda _: None
        )
    assert built.failures == ()
    kept, made = contents(Home(world.home).build_database), contents(anew.build_database)
    assert len(made) > 200
    return sorted(name for name in kept.keys() | made.keys() if kept.get(name) != made.get(name))


def contents(database: Path) -> dict[str, tuple[object, ...]]:
    """A digest of the rows of every table, whatever their order."""
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where schema_name <> 'main'"
        ).fetchall()
        return {
            name: connection.execute(f"select count(*), sum(hash(t)) from {name} as t").fetchall()[0]
            for (name,) in tables
        }


def test_after_whatever_happens_the_warehouse_is_what_a_build_from_nothing_makes(
    world: World, tmp_path: Path
) -> None:
    rng = random.Random(1)
    targets = ran(world, "--month", deliveries.other_target(world, rng, SECOND))
    assert differing(world, tmp_path) == []
    assert {"score_indicator", "mart_kpi_value"} <= {name for name, fate in targets.items() if fate == "OK"}
    untouched = {name for name in targets if name.startswith(("stg_", "fct_", "kpi_evidence__", "quality_"))}
    assert {targets[name] for name in untouched} == {"KEPT"}

    late = ran(world, "--month", deliveries.late_rows(world, rng, FIRST))
    assert differing(world, tmp_path) == []
    built = {name for name, fate in late.items() if fate == "OK"}
    assert len([name for name in built if name.startswith("stg_his")]) == 1
    assert len(built) < len(late) / 2

    deliveries.withdrawal(world, rng, SECOND)
    deliveries.other_mapping(world, rng, SECOND)
    march_comes(world)
    ran(world, "--from", SECOND, "--to", THIRD)
    assert differing(world, tmp_path) == []

    assert set(ran(world, "--month", THIRD, "--full").values()) == {"OK"}
    with duckdb.connect(str(Home(world.home).build_database)) as connection:
        connection.execute("update core.fct_bill set fund_total_fen = 0")
    deliveries.other_target(world, rng, THIRD)
    assert set(ran(world, "--month", THIRD).values()) == {"OK"}, "somebody else wrote to the database"


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(4))
def test_so_it_is_after_any_sequence(world: World, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    for number in range(6):
        if number == 3:
            march_comes(world)
            ran(world, "--from", SECOND, "--to", THIRD)
        months = (FIRST, SECOND) if number < 3 else (FIRST, SECOND, THIRD)
        happening = rng.choice(deliveries.HAPPENINGS)
        ran(world, "--month", happening(world, rng, rng.choice(months)))
        assert differing(world, tmp_path) == [], (seed, number, happening.__name__)
