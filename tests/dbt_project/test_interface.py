"""What others rely on: the published columns and types, and the KPI registry."""

from __future__ import annotations

import csv
import re

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from sources.contracts.load import load_contracts
from tests.dbt_project.conftest import PROJECT
from sources.base.terms import TIERS
from orchestration.kpi_registry import load_registry
from orchestration.publishing.events import EVENTS

MARTS = {
    "mart_kpi_value": "month kpi_window institution_id institution_tier kpi_id numerator denominator value unit status"
    " baseline target challenge score sample_size release_id window value_low value_high months_present months_due",
    "mart_unit_value": "month kpi_window unit_level unit_id unit_name institution_id kpi_id numerator denominator value"
    " value_low value_high unit status baseline target challenge score sample_size months_present months_due"
    " missing_deliveries release_id",
    "mart_kpi_set_value": "month kpi_window set_id set_name_zh item_number item_name kpi_id confidence missing_zh unit_level unit_id"
    " unit_name numerator denominator value unit status sample_size release_id",
    "mart_week_value": "month week unit_level unit_id unit_name kpi_id numerator denominator value unit status sample_size"
    " days_present missing_deliveries release_id",
    "mart_indicator_score": "month institution_id dimension kpi_id weight value score weighted_score status"
    " value_month benchmark_score release_id must_reach is_threshold_missed",
    "mart_institution_score": "month institution_id institution_name institution_tier peer_group score coverage_pct"
    " rank_in_peer_group peers pay_coefficient status release_id valid_indicators valid_dimensions scored_with"
    " pay_coefficient_before_veto vetoed_by is_veto_appealed",
    "mart_score_change": "month previous_month institution_id kpi_id previous_status status previous_weight weight previous_numerator numerator previous_denominator denominator"
    " previous_value value previous_score score previous_contribution contribution change by_value by_numerator by_denominator"
    " by_target by_weight by_status definition_version is_definition_changed release_id",
    "mart_annual_score": "month year institution_id institution_name institution_tier months_present months_due monthly_mean indicator_score indicator_coverage_pct mutual_score raters suspect_ratings deducted_points deducted_for score pay_coefficient coefficients_paid coefficients_due coefficients_to_settle status release_id",
    "mart_annual_indicator_score": "month institution_id dimension kpi_id weight kpi_window value_month value status must_reach is_threshold_missed score release_id",
    "mart_reference_score": "month peer_group institution_id method indicators score rank_in_peer_group peers is_reference release_id",
    "mart_batch_reconciliation": "feed institution_id month batch_id delivered_rows accepted_rows quarantined_rows"
    " duplicate_rows delivered_fen accepted_fen quarantined_fen duplicate_fen first_landed_at standing overtaken_by",
    "mart_code_unmapped": "month institution_id deliverer_id feed terminology source_code source_name row_count amount_fen rows",
    "mart_code_coverage": "month institution_id feed terminology row_count mapped_rows approximate_rows amount_fen"
    " mapped_fen rows",
    "mart_fund_entry": "month entry_id account_id counter_account_id amount_fen rule_id source_relation source_key is_correction is_approved release_id",
    "mart_fund_balance": "month account_id kind in_fen out_fen balance_fen",
    "mart_honour": "honour_id institution_id institution_tier is_primary_care year kind honour_name basis",
    "mart_pool_watch": "month institution_id subject measure value bound people is_beyond release_id",
    "mart_pool_institution": "month institution_id community_id round_fen base_fen performance_fen amount_fen to_departments_fen departments person_mode release_id",
    "mart_casemix_agreement": "month institution_id scheme outcome reason cases total_fen",
    "mart_case_settlement": "month institution_id method deviation cases cases_without_standard payment_standard_fen personal_fen"
    " fund_due_fen actual_fund_fen difference_fen",
    "mart_settlement_list_quality": "month institution_id rule_id rule_kind lists hit_lists hit_total_fen message_zh message_en",
    "mart_market_net": "month institution_id provided_fen consumed_fen net_fen disputed_fen unconfirmed_fen",
    "mart_market_statement": "month provider_institution_id consumer_institution_id service_code service_name"
    " settled_services settled_quantity settled_fen silent_fen deduction_fen disputed_fen unconfirmed_fen reversed_fen",
    "mart_pay_fairness": "month institution_id people physician_to_nurse_ratio physician_to_administrative_ratio same_post_people"
    " same_post_variation gini same_title_people primary_to_county_ratio is_primary_at_county_level",
    "mart_fund_execution": "month budget_year community_id insurance_type_code mode status method budget_basis months_elapsed"
    " annual_fen budget_fen in_county_fen out_of_county_fen reported_fen unreported_fen unknown_months spent_fen surplus_fen"
    " surplus_rate is_surplus_low execution_rate time_rate truncated_fen score score_month retention_rate retained_fen returned_fen overspent_fen"
    " insurance_bears_fen community_bears_fen undecided_fen notice_zh notice_en",
    "mart_fund_flow": "month community_id insurance_type_code component care_level settlements persons total_fen fund_fen",
    "mart_fund_outflow_disease": "month community_id diagnosis_category outside_cases outside_persons outside_fund_fen county_cases "
    "is_treated_here returnable_fund_fen fund_if_here_fen",
    "mart_fund_share": "month budget_year community_id insurance_type_code scheme annual_fen told_fen difference_fen",
    "mart_fund_per_head": "month community_id insurance_type_code insured_months fund_fen per_head_fen standardised_per_head_fen growth_rate",
    "mart_fund_waterfall": "month budget_year community_id insurance_type_code step_number step kind amount_fen",
    "mart_quality_score": "month institution_id dimension violated total violated_pct zero_at_pct weight score status",
    "mart_quality_rule": "month institution_id dimension rule_id feed column_name violated total rank_in_dimension"
    " message_zh message_en",
    "mart_quarantine_summary": "feed institution_id month rule_id column_name row_count message_zh message_en rows",
}
# Dimensions published as they stand in `core`, under a contract too.
DIMENSIONS = {
    "dim_day": "day month year month_of_year quarter weekday day_kind is_workday holiday_name is_calendar_known",
    "dim_institution_history": "institution_id valid_from valid_to valid_until institution_name institution_level hospital_grade_code"
    " is_lead parent_id alliance_id legal_entity_type tightness_code urban_rural division_code approved_beds gap_days_before"
    " is_cut_short is_orphan source_batch_id source_file source_line",
    "dim_diagnosis": "diagnosis_code diagnosis_name category_code",
    "dim_procedure": "procedure_code procedure_name category_code",
    "dim_drug": "deliverer_id drug_code drug_name normalised_item_code antibiotic_level essential_flag volume_based_flag injection_flag"
    " ddd_value monitored_flag disagreeing_cells",
    "dim_service_item": "deliverer_id item_code item_terminology item_name normalised_item_code item_type latest_price_fen prices"
    " disagreeing_cells",
}
EVENT_COLUMNS = {
    "event_visit": "month event_date institution_id department_code visit_type medical_type_code diagnosis_category first_visit_flag tcm_flag"
    " is_referred home_institution_id source_batch_id source_file source_line",
    "event_stay": "month event_date admit_date institution_id department_code stay_type admit_way discharge_way los_days diagnosis_category"
    " is_referred home_institution_id source_batch_id source_file source_line",
    "event_settlement": "month event_date is_in_county institution_id care_division_code care_kind medical_type_code insurance_type_code"
    " settlement_count total_fen fund_total_fen cash_fen home_institution_id source_feed source_batch_id source_file source_line",
    "event_referral": "month event_date arrival_date direction institution_id to_institution_id out_of_county_flag diagnosis_category severity"
    " reason_code status has_arrived has_feedback home_institution_id source_batch_id source_file source_line",
}


@pytest.fixture(scope="module")
def registry() -> list[dict[str, str]]:
    with (PROJECT / "seeds" / "kpi_registry.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("name", "columns"), {**MARTS, **DIMENSIONS, **EVENT_COLUMNS}.items())
def test_what_is_published_has_its_columns_under_an_enforced_contract(manifest, name: str, columns: str) -> None:
    node = manifest.nodes[f"model.yigongti.{name}"]
    assert node.contract.enforced
    assert list(node.columns) == columns.split()
    assert all(column.data_type for column in node.columns.values())


def test_every_mart_is_listed(manifest) -> None:
    assert {name for name in manifest.nodes if name.startswith("model.yigongti.mart_")} == {
        f"model.yigongti.{mart}" for mart in MARTS
    }


def test_every_event_model_is_published(manifest) -> None:
    models = {name.removeprefix("model.yigongti.") for name in manifest.nodes if name.startswith("model.yigongti.event_")}
    assert models == set(EVENT_COLUMNS) == set(EVENTS)


def test_numbers_have_the_agreed_types(database: duckdb.DuckDBPyConnection) -> None:
    types = dict(
        database.execute(
            "select table_name || '.' || column_name, data_type from duckdb_columns() where schema_name = 'marts'"
        ).fetchall()
    )
    assert types["mart_kpi_value.numerator"] == types["mart_kpi_value.denominator"] == "DECIMAL(18,4)"
    assert types["mart_kpi_value.value"] == "DECIMAL(18,6)"
    assert types["mart_kpi_value.score"] == types["mart_institution_score.score"] == "DECIMAL(9,4)"
    assert types["mart_indicator_score.weight"] == "DECIMAL(9,4)"
    money = [kind for name, kind in types.items() if name.endswith("_fen")]
    assert money and set(money) == {"BIGINT"}


def test_registry_names_the_fifteen_core_indicators(registry: list[dict[str, str]]) -> None:
    assert [row["kpi_id"] for row in registry][:15] == [f"KPI-{number:03}" for number in range(1, 16)]
    assert [row["kpi_code"] for row in registry if row["kpi_code"]] == [f"CI-{number:02}" for number in range(1, 16)]
    optional = {
        "kpi_code", "institution_tiers", "policy_items", "plausible_low", "plausible_high", "possible_low", "possible_high",
        "not_computed_zh", "together_with", "pooled_months_parameter",
    }  # fmt: skip
    assert all(value.strip() for row in registry for name, value in row.items() if name not in optional)


def test_registry_is_sane(registry: list[dict[str, str]]) -> None:
    feeds = set(load_contracts())
    for row in registry:
        assert set(row["source_feeds"].split(",")) <= feeds, row["kpi_id"]
        assert set(filter(None, row["institution_tiers"].split(","))) <= set(TIERS), row["kpi_id"]
        assert int(row["minimum_sample"]) >= 1 and int(row["maturity_lag_days"]) >= 0, row["kpi_id"]
        assert int(row["scale"]) >= 1 and int(row["divisor"]) >= 1, row["kpi_id"]
        for column in ("name_zh", "dimension", "definition_zh", "numerator_zh", "denominator_zh"):
            assert re.search(r"[\u4e00-\u9fff]", row[column]), (row["kpi_id"], column)


def _measures(manifest) -> dict[str, set[str]]:
    """{subject: its measures}."""
    return {
        node.name.removeprefix("kpi_evidence__"): {
            name for name, column in node.columns.items() if column.config.meta.get("measure")
        }
        for node in manifest.nodes.values()
        if node.name.startswith("kpi_evidence__")
    }


def test_policy_items_are_those_the_evidence_reads(manifest, texts) -> None:
    """What explain shows as a KPI's policy: names that exist in the policy and in the evidence the KPI is made of."""
    policy = PROJECT.parent / "sources" / "counties" / "demo" / "policy"
    known = {
        row[column]
        for table, column in (("kpi_parameter", "parameter"), ("kpi_code_set", "code_set"))
        for row in csv.DictReader((policy / f"{table}.csv").open(encoding="utf-8-sig"))
    }
    for one in load_registry():
        read = {
            node.name
            for subject in {part.subject for part in one.parts()}
            for node in sqlglot.parse_one(texts[f"kpi_evidence__{subject}"], read="duckdb").find_all(
                exp.Column, exp.Literal
            )
        }
        assert set(one.kpi.policy) <= known & read, one.kpi_id


def test_parts_are_measures_of_the_evidence(manifest) -> None:
    measures = _measures(manifest)
    for one in load_registry():
        for part in one.parts():
            assert part.measure in measures.get(part.subject, set()), part


def test_a_statistic_finds_its_single_values(manifest) -> None:
    """A measure that kpi_distribution does not hold would give no median, and no different things, without a word."""
    kept = set(manifest.nodes["model.yigongti.kpi_distribution"].depends_on.nodes)
    for one in (each for each in load_registry() if each.kpi.statistic != "ratio"):
        for part in one.parts():
            if part.part == "denominator" and one.kpi.statistic != "distinct":
                continue
            view = f"model.yigongti.kpi_evidence__{part.subject}"
            meta = manifest.nodes[view].columns[part.measure].config.meta
            assert view in kept and meta.get("distribution"), one.kpi_id
            assert one.kpi.statistic != "distinct" or meta.get("distinct"), one.kpi_id


def test_a_kpi_requires_the_feeds_its_evidence_cites(manifest, texts) -> None:
    """What explain cites must have been delivered: `source_feed` of the evidence is among the feeds the KPI waits for."""
    for one in load_registry():
        for subject in {part.subject for part in one.parts()}:
            tree = sqlglot.parse_one(texts[f"kpi_evidence__{subject}"], read="duckdb")
            cited = {
                feed.this
                for each in tree.find_all(exp.Alias)
                if each.alias == "source_feed"
                for feed in each.this.find_all(exp.Literal)
            }
            assert cited and cited <= set(one.kpi.feeds), (one.kpi_id, subject, cited)


def test_every_subject_is_summed(manifest) -> None:
    """An evidence model counts for nothing before kpi_measure names it."""
    views = {name for name in manifest.nodes if ".kpi_evidence__" in name}
    read = set(manifest.nodes["model.yigongti.kpi_measure"].depends_on.nodes)
    assert read - {"model.yigongti.dim_institution"} == views


def test_what_is_watched_weekly_is_summed_weekly_and_read_by_its_mart_alone(manifest) -> None:
    subjects = {part.subject for one in load_registry() if one.kpi.weekly for part in one.parts()}
    read = set(manifest.nodes["model.yigongti.kpi_week_measure"].depends_on.nodes)
    assert read - {"model.yigongti.dim_institution"} == {f"model.yigongti.kpi_evidence__{subject}" for subject in subjects}
    models = {name: node for name, node in manifest.nodes.items() if name.startswith("model.")}
    by = {name for name, node in models.items() if "model.yigongti.kpi_week_value" in node.depends_on.nodes}
    assert by == {"model.yigongti.mart_week_value"}


def test_nothing_rests_on_what_is_for_reference_only(manifest) -> None:
    """Of the models for reference come each other and their mart, nothing that scores, ranks or pays."""
    children = manifest.child_map if manifest.child_map else manifest.build_parent_and_child_maps() or manifest.child_map
    reference = {name for name in manifest.nodes if name.startswith("model.yigongti.score_reference")}
    assert len(reference) == 3
    read_by = {
        child for name in reference for child in children[name] if child.startswith("model.")
    } - reference
    assert read_by == {"model.yigongti.mart_reference_score"}
    (mart,) = read_by
    assert [child for child in children[mart] if child.startswith("model.")] == []
    assert manifest.nodes[mart].columns["is_reference"].data_type == "boolean"


def test_sources_are_patterns_under_the_home(manifest) -> None:
    """DuckDB looks for a plain file name in the working directory first: only patterns are safe."""
    for source in manifest.sources.values():
        location = source.config.meta["external_location"]
        path = re.search(r"read_parquet\('([^']+)'", location)[1]
        assert path.startswith("conformed/") and re.search(r"[*\[]", path), source.unique_id
