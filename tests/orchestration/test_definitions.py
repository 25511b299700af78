"""What Dagster is told: every feed, every model, every gate, and that telling it is cheap."""

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from orchestration.assets.warehouse import unread_staging
from orchestration.checks import GUARDED
from orchestration.definitions import hospital_deliverers
from orchestration.due import DUE_CHECK, DUE_JOB
from orchestration.jobs import HOSPITAL_FEEDS, JOBS, PLATFORM_FEEDS, RELEASE
from orchestration.translator import PERSON_INDEX_KEY, RELEASE_KEY, SETTINGS_KEY, feed_key, model_key
from sources.contracts.load import load_contracts
from sources.county.county import County, CountyError

# What the product writes itself is an asset only where somebody delivers it; the demo county's are added below.
CONTRACTS = {
    feed: contract
    for feed, contract in load_contracts().items()
    if contract.provider == "member" or feed in ("cfg_fee_point", "cfg_internal_price")
}


def asset(defs: dg.Definitions, key: dg.AssetKey) -> dg.AssetsDefinition:
    return defs.resolve_assets_def(key)


def check_spec(defs: dg.Definitions, key: dg.AssetKey, name: str) -> dg.AssetCheckSpec:
    return defs.resolve_asset_graph().get_check_spec(dg.AssetCheckKey(key, name))


@pytest.mark.parametrize("feed", CONTRACTS)
def test_every_contract_is_an_asset_described_in_both_languages(defs: dg.Definitions, feed: str):
    contract = CONTRACTS[feed]
    spec = asset(defs, feed_key(feed)).get_asset_spec(feed_key(feed))
    assert contract.name in spec.description
    assert contract.description.en in spec.description


@pytest.mark.parametrize("feed", CONTRACTS)
def test_hospitals_deliver_by_institution_and_month_everyone_else_by_month(
    defs: dg.Definitions, county: County, feed: str
):
    partitions = asset(defs, feed_key(feed)).partitions_def
    if CONTRACTS[feed].is_of_each_institution:
        assert len(partitions.get_partition_keys()) == 3 * len(hospital_deliverers(county))
    else:
        assert partitions.get_partition_keys() == ["2025-01", "2025-02", "2025-03"]


def test_hospital_feeds_have_a_partition_for_everyone_who_delivers_one(county: County):
    """Villages are rows in their township's files; the county centre keeps books for the hospitals and delivers like one."""
    deliverers = set(hospital_deliverers(county))
    own = {each.id for each in county.institutions if each.tier != "village"}
    assert own | {"CC340621"} == deliverers


@pytest.mark.parametrize("feed", CONTRACTS)
def test_every_feed_is_guarded_by_a_blocking_gate(defs: dg.Definitions, feed: str):
    assert check_spec(defs, feed_key(feed), "feed_gate").blocking


@pytest.mark.parametrize("gate", GUARDED)
def test_every_later_gate_blocks_and_the_release_waits_for_what_it_guards(defs: dg.Definitions, gate: str):
    key = model_key(GUARDED[gate])
    assert check_spec(defs, key, f"{gate}_gate").blocking
    assert key in asset(defs, RELEASE_KEY).asset_deps[RELEASE_KEY]


def test_the_release_job_judges_every_feed_again_before_anything_else(defs: dg.Definitions):
    assert check_spec(defs, SETTINGS_KEY, "feed_gate").blocking
    assert SETTINGS_KEY in asset(defs, PERSON_INDEX_KEY).asset_deps[PERSON_INDEX_KEY]


def test_every_backfill_is_one_run(defs: dg.Definitions):
    executable = [each for each in defs.resolve_asset_graph().assets_defs if each.keys and each.is_executable]
    assert {each.backfill_policy for each in executable} == {dg.BackfillPolicy.single_run()}


def test_every_step_that_writes_waits_for_the_same_pool(defs: dg.Definitions):
    steps = [each.op for each in defs.resolve_asset_graph().assets_defs if each.is_executable]
    assert {each.pool for each in steps if each.name != DUE_CHECK} == {"home"}


def test_what_nobody_can_deliver_is_no_asset(defs: dg.Definitions):
    feeds = {key.path[1] for key in defs.resolve_asset_graph().get_all_asset_keys() if key.path[0] == "feeds"}
    assert feeds == set(CONTRACTS)


def test_everything_has_an_owner_a_group_and_a_layer(defs: dg.Definitions):
    graph = defs.resolve_asset_graph()
    for key in graph.executable_asset_keys:
        node = graph.get(key)
        assert node.owners and node.tags["layer"] and node.group_name != "default", key


def test_groups_and_domains_fit_what_they_hold(defs: dg.Definitions):
    filed = {
        feed: defs.resolve_asset_graph().get(feed_key(feed)) for feed in ("his_rx", "fin_cost", "si_insured")
    }
    assert [node.group_name for node in filed.values()] == ["hospital", "finance", "insurance"]
    assert [node.tags["domain"] for node in filed.values()] == ["hospital", "finance", "insurance"]
    assert defs.resolve_asset_graph().get(SETTINGS_KEY).group_name == "county"
    assert defs.resolve_asset_graph().get(model_key("fct_slot")).tags["domain"] == "care"


@pytest.mark.parametrize("feed", CONTRACTS)
def test_a_feed_shows_its_columns_and_its_key(defs: dg.Definitions, feed: str):
    contract = CONTRACTS[feed]
    schema = asset(defs, feed_key(feed)).get_asset_spec(feed_key(feed)).metadata["dagster/column_schema"]
    assert [each.name for each in schema.columns] == [each.name for each in contract.conformed]
    assert all(each.type and each.description for each in schema.columns)
    keys = {each.name for each in schema.columns if each.constraints.other}
    assert keys == set(contract.conformed_key)


def test_only_landing_is_tried_again(defs: dg.Definitions):
    assert asset(defs, feed_key("his_op_visit")).op.retry_policy.max_retries == 2
    assert asset(defs, model_key("kpi_value")).op.retry_policy is None
    assert asset(defs, RELEASE_KEY).op.retry_policy is None


def test_models_tests_and_sources_of_dbt_are_in_the_graph(defs: dg.Definitions, manifest: dict):
    nodes = manifest["nodes"].values()
    graph = defs.resolve_asset_graph()
    unread = unread_staging(manifest)
    for node in nodes:
        if node["resource_type"] in ("model", "seed"):
            assert graph.has(model_key(node["name"])) is (node["name"] not in unread)
    tests = {node["name"] for node in nodes if node["resource_type"] == "test"}
    assert tests
    assert tests <= {key.name for key in graph.asset_check_keys}


def test_a_staging_model_comes_from_its_feed(defs: dg.Definitions):
    deps = asset(defs, model_key("stg_his_op_visit")).asset_deps[model_key("stg_his_op_visit")]
    assert feed_key("his_op_visit") in deps


def test_groups_are_the_folders_of_the_warehouse(defs: dg.Definitions):
    groups = {
        name: asset(defs, model_key(name)).get_asset_spec(model_key(name)).group_name
        for name in ("stg_his_op_visit", "kpi_value", "score_institution", "mart_kpi_value")
    }
    assert groups == {
        "stg_his_op_visit": "staging",
        "kpi_value": "kpi",
        "score_institution": "scoring",
        "mart_kpi_value": "marts",
    }


def test_the_jobs_resolve_and_together_hold_everything(defs: dg.Definitions):
    assets = [set(defs.resolve_job_def(name).asset_layer.selected_asset_keys) for name in JOBS]
    executable = set(defs.resolve_asset_graph().executable_asset_keys)
    assert set.union(*assets) == executable
    assert sum(map(len, assets)) == len(executable)
    assert defs.resolve_job_def(HOSPITAL_FEEDS).partitions_def != defs.resolve_job_def(RELEASE).partitions_def
    assert defs.resolve_job_def(PLATFORM_FEEDS).partitions_def == defs.resolve_job_def(RELEASE).partitions_def


def test_a_county_that_is_not_there_is_said_in_words(tmp_path: Path):
    from orchestration.definitions import build_defs

    with pytest.raises(CountyError, match=r"county\.yml"):
        build_defs(tmp_path / "nowhere", tmp_path / "home")


def test_the_daily_look_is_no_part_of_the_months_work(defs: dg.Definitions):
    steps = {name: set(defs.resolve_job_def(name).graph.node_dict) for name in (*JOBS, DUE_JOB)}
    assert steps[DUE_JOB] == {DUE_CHECK}
    assert not any(DUE_CHECK in steps[name] for name in JOBS)


def test_a_fresh_clone_has_definitions_without_any_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from orchestration import settings

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(settings.COUNTY_VARIABLE, raising=False)
    assert (settings.county_dir_or_demo() / "county.yml").is_file()
    monkeypatch.setenv(settings.COUNTY_VARIABLE, "nowhere")
    assert settings.county_dir_or_demo() == tmp_path / "nowhere"
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "county.yml").touch()
    monkeypatch.delenv(settings.COUNTY_VARIABLE)
    assert settings.county_dir_or_demo() == tmp_path / "demo"


def test_loading_starts_neither_great_expectations_nor_a_data_engine(county_dir: Path, tmp_path: Path):
    script = (
        "import sys\n"
        "from orchestration.definitions import defs\n"
        "defs()\n"
        "slow = {'great_expectations', 'pandas', 'duckdb', 'dbt.cli.main'} & set(sys.modules)\n"
        "assert not slow, slow\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={
            "YIGONGTI_COUNTY": str(county_dir),
            "YIGONGTI_HOME": str(tmp_path),
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
