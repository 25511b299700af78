"""A small county from files to a release, through the command line and through Dagster. The slow tests of this room."""

import json
import shutil
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner, Result

from orchestration import progress, runner, side_by_side
from orchestration.cli import main
from orchestration.definitions import build_defs
from orchestration.instance import open_instance
from orchestration.jobs import HOSPITAL_FEEDS
from orchestration.partitions import delivery_tags, month_tags
from orchestration.translator import feed_key, model_key
from orchestration.verdicts import FEED_GATE
from sources.base.home import Home
from sources.county.county import County
from sources.reference import CASEMIX
from sources.simulator import simulate
from tests.orchestration.calling import TOOLS, call_all, commands
from tests.processes import from_scratch
from tests.publishing.proof.conftest import key_files

# A home may stand anywhere: every character here means something to SQL, to patterns of files, or to a list of paths.
TELLING = '县\'s, [a-z]*{b} "c" #1'
FIRST, LAST = "2025-01", "2025-02"
HOSPITAL = "H34062100101"
HOSPITAL_VISITS = f"{HOSPITAL}/{LAST}/MZJZ_{LAST.replace('-', '')}.csv"


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate(
        tmp_path_factory.mktemp("simulated") / "county", residents=500, months=2, end=LAST, seed=3
    )


@pytest.fixture(scope="module")
def first_run(simulated: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Result]:
    home = Home(tmp_path_factory.mktemp("home") / TELLING)
    return home, run(simulated, home)


def run(county_dir: Path, home: Home, *options: str) -> Result:
    return CliRunner().invoke(main, ["run", "--county", str(county_dir), "--home", str(home.root), *options])


def marts(home: Home) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((home.current / "marts").glob("*.parquet"))}


def test_a_run_publishes_and_shows_the_scoreboard(first_run: tuple[Home, Result]):
    home, result = first_run
    assert result.exit_code == 0, result.output
    assert home.current.resolve().name == f"{LAST}.1"
    assert "2025-02.1" in result.output
    assert "濉河县人民医院" in result.output
    assert "假设" in result.output
    assert "Traceback" not in result.output


def test_the_report_says_where_the_time_went(first_run: tuple[Home, Result]):
    home, _ = first_run
    report = json.loads((home.warehouse / "run_report.json").read_text("utf-8"))
    assert report["months"] == [FIRST, LAST]
    assert set(report["seconds"]) == {*progress.STAGES, "total"}
    assert all(report["seconds"][stage] > 0 for stage in progress.STAGES)


def test_the_page_of_dagster_knows_what_was_materialised_and_judged(
    first_run: tuple[Home, Result], simulated: Path
):
    home, _ = first_run
    graph = build_defs(simulated, home.root).resolve_asset_graph()
    concerned = {feed_key(feed) for feed in runner.concerned(County.load(simulated), home)}
    delivered = delivered_partitions(home)
    with open_instance(home.root) as instance:
        for key in graph.executable_asset_keys:
            partitions = set(graph.get(key).partitions_def.get_partition_keys())
            if key.path[0] == "feeds":
                partitions &= delivered.get(key, set())
            assert instance.get_materialized_partitions(key) == partitions, key
        of_one = dg.AssetRecordsFilter(feed_key("his_op_visit"), asset_partitions=[f"{HOSPITAL}|{LAST}"])
        visits = instance.fetch_materializations(of_one, limit=1).records[0].asset_materialization
        checked = instance.event_log_storage.get_latest_asset_check_execution_by_key(
            list(graph.asset_check_keys)
        )
    assert visits.metadata["dagster/partition_row_count"].value == visits.metadata["accepted_rows"].value > 0
    assert visits.metadata["institution"].value == County.load(simulated).name_of(HOSPITAL)
    unchecked = {key for key in graph.asset_check_keys if key not in checked}
    assert not {key for key in unchecked if key.asset_key.path[0] != "feeds" or key.asset_key in concerned}


def delivered_partitions(home: Home) -> dict[dg.AssetKey, set[str]]:
    """What landed of each feed, by month and by deliverer and month."""
    found: dict[dg.AssetKey, set[str]] = {}
    for place in home.landing.glob("*/institution_id=*/month=*"):
        feed, who, month = place.relative_to(home.landing).parts
        month = month.removeprefix("month=")
        found.setdefault(feed_key(feed), set()).update(
            (month, f"{who.removeprefix('institution_id=')}|{month}")
        )
    return found


def test_a_second_run_has_nothing_to_do(first_run: tuple[Home, Result], simulated: Path):
    home, _ = first_run
    again = run(simulated, home)
    assert (again.exit_code, "nothing new" in again.output) == (0, True)
    asked = run(simulated, home, "--from", FIRST, "--to", LAST)
    assert (asked.exit_code, "nothing changed" in asked.output) == (0, True)
    assert [path.name for path in home.releases.glob("2025-*")] == [f"{LAST}.1"]


def test_a_late_file_for_a_closed_month_waits_and_names_the_command(
    first_run: tuple[Home, Result], simulated: Path, tmp_path: Path
):
    home, _ = first_run
    county = shutil.copytree(simulated, tmp_path / "county")
    folder = county / "inbox" / HOSPITAL / FIRST
    shutil.copy(
        county / "inbox" / HOSPITAL / LAST / f"MZJZ_{LAST.replace('-', '')}.csv", folder / "MZJZ_202501_2.csv"
    )
    result = run(county, home)
    assert result.exit_code == 0
    assert f"--month {FIRST}" in result.output
    assert home.current.resolve().name == f"{LAST}.1"


def test_somebody_at_work_is_named(first_run: tuple[Home, Result], simulated: Path):
    home, _ = first_run
    with home.lock():
        result = run(simulated, home, "--month", LAST, "--full")
    assert result.exit_code == 1
    assert "pid" in result.output


def test_a_file_without_a_key_column_stops_the_release_until_it_is_mended(
    first_run: tuple[Home, Result], simulated: Path, tmp_path: Path
):
    """Mended in a new process: the same inputs give the same bytes there, whatever came before."""
    county, home = shutil.copytree(simulated, tmp_path / "county"), Home(tmp_path / "home")
    file = county / "inbox" / HOSPITAL_VISITS
    lines = file.read_bytes().split(b"\n")
    file.write_bytes(lines[0].replace(b"JZLSH", b"XXXXX") + b"\n" + b"\n".join(lines[1:]))
    stopped = run(county, home)
    assert stopped.exit_code == 1, stopped.output
    assert "MISSING_COLUMN" in stopped.output
    assert "gates failed, nothing published" in stopped.output
    assert (home.gates / "report.html").is_file()
    with open_instance(home.root) as instance:
        key = dg.AssetCheckKey(feed_key("his_op_visit"), "feed_gate")
        (judged,) = instance.event_log_storage.get_asset_check_execution_history(key, limit=9)
    shown = judged.event.dagster_event.event_specific_data
    assert (shown.passed, shown.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert LAST in shown.description and shown.metadata["institutions"].value
    assert shown.metadata["report"].value == str(home.gates / "report.html")
    assert not home.current.exists()

    shutil.copy2(simulated / "inbox" / HOSPITAL / LAST / file.name, file)
    mended = from_scratch("run", "--county", county, "--home", home.root)
    assert mended.code == 0, mended.text
    assert len(marts(home)) >= 9
    assert marts(home) == marts(first_run[0])


def test_one_hospital_taken_in_by_dagster_is_judged_at_once(simulated: Path, tmp_path: Path):
    job = build_defs(simulated, tmp_path).resolve_job_def(HOSPITAL_FEEDS)
    keys = [feed_key("his_op_visit"), feed_key("his_rx")]
    result = job.execute_in_process(asset_selection=keys, tags=delivery_tags([HOSPITAL], FIRST, LAST))
    judged = result.get_asset_check_evaluations()
    assert {each.asset_key for each in judged} == set(keys)
    assert all(each.passed or each.severity == dg.AssetCheckSeverity.WARN for each in judged)
    partitions = {each.partition for each in result.get_asset_materialization_events()}
    assert partitions == {f"{HOSPITAL}|{FIRST}", f"{HOSPITAL}|{LAST}"}


def test_a_gate_that_fails_in_the_page_leaves_the_report_too(simulated: Path, tmp_path: Path):
    county, home = shutil.copytree(simulated, tmp_path / "county"), Home(tmp_path / "home")
    file = county / "inbox" / HOSPITAL_VISITS
    file.write_bytes(file.read_bytes().replace(b"JZLSH", b"XXXXX", 1))
    job = build_defs(county, home.root).resolve_job_def(HOSPITAL_FEEDS)
    result = job.execute_in_process(
        asset_selection=[feed_key("his_op_visit")],
        tags=delivery_tags([HOSPITAL], LAST, LAST),
        raise_on_error=False,
    )
    (judged,) = (each for each in result.get_asset_check_evaluations() if each.check_name == FEED_GATE)
    assert not result.success and not judged.passed
    assert judged.metadata["report"].value == str(home.gates / "report.html")
    assert "MISSING_COLUMN" in (home.gates / "report.html").read_text("utf-8")


def test_one_model_can_be_built_alone(first_run: tuple[Home, Result], simulated: Path):
    home, _ = first_run
    defs = build_defs(simulated, home.root)
    result = defs.resolve_implicit_global_asset_job_def().execute_in_process(
        asset_selection=[model_key("dim_institution")], tags=month_tags(FIRST, LAST)
    )
    built = [each for each in result.get_asset_materialization_events() if each.partition == FIRST]
    assert [each.asset_key for each in built] == [model_key("dim_institution")]
    assert built[0].materialization.metadata["dagster/row_count"].value > 0
    assert all(
        each.asset_key == model_key("dim_institution") for each in result.get_asset_check_evaluations()
    )


def test_the_log_is_a_file_and_says_what_ran(first_run: tuple[Home, Result]):
    home, _ = first_run
    log = (home.root / "logs" / f"run-{FIRST}-{LAST}.log").read_text("utf-8")
    assert "feeds__his_op_visit" in log


def test_a_failure_that_is_no_gate_is_a_sentence(
    simulated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    import sources.ingest

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sources.ingest, "ingest_feed", full)
    monkeypatch.setattr(side_by_side, "FEW", 10**6)
    result = run(simulated, Home(tmp_path))
    assert result.exit_code == 2, "the place is at fault, not the work"
    assert "No space left on device" in result.output
    assert "Traceback" not in result.output


DIP_CASES = (
    "case_id,region,dip_type,insurance,score,auxiliary_factor,institution_factor,mean_cost_fen,total_cost_fen,point_value\n"
    "a,340621,1,310,850,1,0.92,900000,950000,8.5\n"
)
DIP_RULES = (
    "region,dip_type,insurance,lower_bound,lower_inclusive,upper_bound,upper_inclusive,institution_factor_on,"
    "auxiliary_factor_on\n*,*,*,0.5,0,2,0,all,after_test\n"
)


def real_calls(county: Path, home: Path, scratch: Path) -> dict[str, list[str]]:
    """Every command but `ui` (it becomes Dagster) as somebody would call it: command → the words after it."""
    place, release = ["--county", county, "--home", home], ["--home", home]
    lead = ["--institution", HOSPITAL]
    cases = scratch / "cases.csv"
    cases.write_text(
        "case_id,sex,age_years,age_days,birth_weight_g,diagnoses,procedures\na,1,40,,,I10.x00,\n", "utf-8"
    )
    dip, rules = scratch / "dip.csv", scratch / "rules.csv"
    dip.write_text(DIP_CASES, "utf-8")
    rules.write_text(DIP_RULES, "utf-8")
    keys = key_files(scratch, "county", 1)
    batch = next((home / "conformed" / "batch_outcome").glob("[0-9a-f]*.parquet")).stem
    found = {
        "run": [*place],
        "county new": [scratch / "new"],
        "county simulate": [scratch / "simulated", "--residents", "500", "--months", "1"],
        "county check": [county],
        "feed check": [county, HOSPITAL, "--month", LAST],
        "feed draft": [
            county,
            HOSPITAL,
            county / "inbox" / HOSPITAL_VISITS,
            "--output",
            scratch / "draft.yml",
        ],
        "feed quarantine": [*place, "--output", scratch / "quarantine.xlsx"],
        "feed history": ["his_org", f"org_code={HOSPITAL}", *place],
        "feed replay": [*place, *lead, "--month", LAST, "--feed", "his_op_visit"],
        "feed batches": [*place, *lead],
        "feed line": [HOSPITAL_VISITS, "2", *release],
        "feed withdraw": [batch, *place, "--reason", "报错", "--by", "李工"],
        "feed retire": [batch, *place],
        "feed export": [scratch / "lake", *release, "--feed", "his_op_visit"],
        "code unmapped": [*place, "--output", scratch / "codes.xlsx"],
        "quality": [*place],
        "person review": [*place, "--output", scratch / "pairs.xlsx"],
        "kpi list": [],
        "kpi show": ["KPI-010", "--county", county],
        "casemix group": [cases, "--out", scratch / "groups.csv"],
        "casemix dip": [dip, "--rules", rules, "--out", scratch / "settled.csv"],
        "casemix import": [CASEMIX / "harbin-2022", "--county", county],
        "release list": [*release],
        "release show": [f"{LAST}.1", *release],
        "release diff": [f"{LAST}.1", f"{LAST}.1", *release],
        "release excerpt": [*release, "--to", scratch / "excerpt"],
        "release sign": [*release, "--key", keys.private],
        "verify": [*release, "--key", keys.public],
        "ledger show": [*release],
        "ledger prove": ["0", *release],
        "ledger head": [*release],
        "explain": [*release, "--month", LAST, *lead, "--kpi", "KPI-010", "--rows"],
    }
    return {command: [str(word) for word in words] for command, words in found.items()}


def test_only_a_run_starts_dagster_dbt_or_great_expectations(
    first_run: tuple[Home, Result], simulated: Path, tmp_path: Path
):
    """Every other command answers at once; a run with nothing to do does too. Cases of a file are grouped by dbt's models."""
    home = shutil.copytree(first_run[0].root, tmp_path / "home", symlinks=True)
    calls = real_calls(simulated, home, tmp_path)
    assert {" ".join(words) for words in commands(main)} == {*calls, "ui"}
    grouping = [
        ["casemix", "group", *calls.pop("casemix group")],
        ["casemix", "dip", *calls.pop("casemix dip")],
    ]
    brought, codes = call_all(grouping, *TOOLS)
    assert set(brought) == {"dbt"}
    assert set(codes.values()) == {0}
    brought, codes = call_all([[*command.split(), *words] for command, words in calls.items()], *TOOLS)
    assert brought == {}
    assert set(codes.values()) <= {0, 1}, "a call that is wrong usage shows nothing"
