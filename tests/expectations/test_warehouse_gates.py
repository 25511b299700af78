"""The core, kpi and scoring gates on small tables: each check that matters passes on sound rows and fails
on broken ones.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

import pytest

from expectations.gate import run_gate
from expectations.result import GateResult
from expectations.summary import to_json
from tests.expectations.conftest import LEAD, MONTH, TOWN, HandmadeHome

PERSON = "0123456789abcdef0123456789abcdef"
VISIT = f"""create table core.fct_outpatient_visit as select '{TOWN}' as deliverer_id, 'v' || n as visit_id,
    '{TOWN}' as institution_id, '{MONTH}' as month, date '2025-03-05' as event_date, 'p' || n as patient_key,
    '{PERSON}' as person_key, 'b1' as source_batch_id, 'f.csv' as source_file, n as source_line
    from range(1, 101) as r(n)"""
INSTITUTIONS = f"""create table core.dim_institution as select * from (values
    ('{LEAD}', 'county_lead', 'lead', 'A'), ('{TOWN}', 'township', 'primary', 'A'))
    as v(institution_id, institution_tier, peer_group, alliance_id)"""
PATIENTS = "create table core.dim_patient as select 'p' || n as patient_key from range(1, 101) as r(n)"
CORE = ("create schema core", INSTITUTIONS, PATIENTS, VISIT)


def outcomes(result: GateResult, check_id: str) -> set[str]:
    rows = result.to_frame()
    found = rows[rows.check_id == check_id]
    assert len(found), f"{check_id} was not judged"
    return set(found.outcome)


def core(handmade: HandmadeHome, *changes: str) -> GateResult:
    handmade.outcomes([{"feed": "his_op_visit"}], [])
    handmade.build(*CORE, *changes)
    return run_gate("core", handmade.home, [MONTH])


@pytest.mark.parametrize(
    ("check", "change"),
    [
        (
            "fct_outpatient_visit.key_unique",
            "insert into core.fct_outpatient_visit from core.fct_outpatient_visit limit 1",
        ),
        (
            "fct_outpatient_visit.present.person_key",
            "update core.fct_outpatient_visit set person_key = null where visit_id = 'v1'",
        ),
        (
            "fct_outpatient_visit.institution_known",
            "update core.fct_outpatient_visit set institution_id = 'H0' where visit_id = 'v1'",
        ),
        (
            "fct_outpatient_visit.pseudonym",
            "update core.fct_outpatient_visit set person_key = '张三' where visit_id = 'v1'",
        ),
        (
            "warehouse_column.no_personal_column",
            "alter table core.fct_outpatient_visit add column id_no varchar",
        ),
    ],
)
def test_core_checks_fail_on_broken_rows(handmade: HandmadeHome, check: str, change: str) -> None:
    broken = core(handmade, change)
    assert "fail" in outcomes(broken, f"core.{check}")
    assert f"core.{check}" in set(broken.failures.check_id)


def test_core_checks_pass_on_sound_rows(handmade: HandmadeHome) -> None:
    rows = core(handmade).to_frame()
    judged = rows[
        rows.subject.isin(["fct_outpatient_visit", "dim_patient", "dim_institution", "warehouse_column"])
    ]
    assert len(judged) >= 9
    assert set(judged.outcome) == {"pass"}


def test_a_view_that_an_earlier_version_left_behind_stops_nothing(handmade: HandmadeHome) -> None:
    left = ("create table core.x as select 1 as a", "create view core.kpi_old as select a from core.x",
            "drop table core.x", "create table core.x as select 1 as b")  # fmt: skip
    assert outcomes(core(handmade, *left), "core.fct_outpatient_visit.key_unique") == {"pass"}


def test_core_patients_may_be_unknown_up_to_the_threshold(handmade: HandmadeHome) -> None:
    some = "delete from core.dim_patient where patient_key in ('p1', 'p2')"
    most = "delete from core.dim_patient where patient_key > 'p2'"
    assert outcomes(core(handmade, some), "core.fct_outpatient_visit.patient_known") == {
        "pass_with_violations"
    }
    assert outcomes(core(handmade, most), "core.fct_outpatient_visit.patient_known") == {"warn"}


def test_violations_are_counted_per_institution_and_month(handmade: HandmadeHome) -> None:
    change = f"""update core.fct_outpatient_visit set person_key = null,
        institution_id = case when visit_id in ('v1', 'v2') then '{LEAD}' else '{TOWN}' end
        where visit_id in ('v1', 'v2', 'v3')"""
    failures = core(handmade, change).failures
    found = failures[failures.check_id == "core.fct_outpatient_visit.present.person_key"]
    assert list(zip(found.institution_id, found.violated, found.total, strict=True)) == [
        (LEAD, 2, 2),
        (TOWN, 1, 98),
    ]


def test_examples_show_where_and_never_what(handmade: HandmadeHome) -> None:
    change = "update core.fct_outpatient_visit set person_key = '张三' where visit_id = 'v7'"
    result = core(handmade, change)
    (example,) = result.examples["core.fct_outpatient_visit.pseudonym"]
    assert example == {
        "institution_id": TOWN,
        "month": MONTH,
        "source_batch_id": "b1",
        "source_file": "f.csv",
        "source_line": 7,
    }
    assert "张三" not in json.dumps(to_json([result]), ensure_ascii=False)


def test_months_that_are_not_judged_do_not_count(handmade: HandmadeHome) -> None:
    change = "update core.fct_outpatient_visit set person_key = null, month = '2025-02' where visit_id = 'v1'"
    assert outcomes(core(handmade, change), "core.fct_outpatient_visit.present.person_key") == {"pass"}


def test_every_month_judged_gets_an_answer_and_the_same_one_when_judged_alone(handmade: HandmadeHome) -> None:
    handmade.outcomes([{"feed": "his_op_visit"}], [])
    handmade.build(*CORE)
    both = run_gate("core", handmade.home, ["2025-02", MONTH]).to_frame()
    alone = run_gate("core", handmade.home, [MONTH]).to_frame()
    expected = {
        "core.dim_patient.registered_once": ["pass", "pass"],  # no month: said of every month judged
        "core.warehouse_column.no_personal_column": ["pass", "pass"],
        "core.fct_outpatient_visit.key_unique": ["not_applicable", "pass"],  # no visit in February
    }
    for check, outcome in expected.items():
        found = both[both.check_id == check]
        assert list(found.month) == ["2025-02", MONTH]
        assert list(found.outcome) == outcome
        again = alone[alone.check_id == check].reset_index(drop=True)
        assert found.tail(1).reset_index(drop=True).equals(again)


def test_a_table_that_is_not_there_is_an_error_and_stops(handmade: HandmadeHome) -> None:
    result = core(handmade)
    assert outcomes(result, "core.fct_slot.key_unique") == {"error"}
    assert result.failed


# What the sums of evidence are held against: units, whose events count where, deliveries that are missing.
UNITS = (
    """create table core.dim_unit as select 'county' as unit_level, '340621' as unit_id
        union all select 'community', 'A' union all select 'institution', institution_id from core.dim_institution""",
    "create table kpi.kpi_home as select 'KPI-001' as kpi_id, institution_id, institution_id as home_id from core.dim_institution",
    "create table kpi.kpi_missing_delivery (kpi_id varchar, month varchar, institution_id varchar)",
)
# Components of the county and its one community, as the sums of those of institutions.
LEVELS = """insert into kpi.kpi_component
    select month, level, unit, null, kpi_id, sum(numerator), sum(denominator), 0 from kpi.kpi_component
    cross join (values ('county', '340621'), ('community', 'A')) as v(level, unit) group by all"""
KPI_TABLES = (
    "create schema kpi",
    "create schema core",
    INSTITUTIONS,
    "create schema policy",
    """create table core.dim_kpi as select 'KPI-001' as kpi_id, 30 as minimum_sample, 0 as maturity_lag_days,
        true as is_share, 0 as plausible_low, 50 as plausible_high""",
    """create table policy.kpi_part as select * from (values
        ('KPI-001', 'numerator', 'recognition', 'accepted', 1, 0), ('KPI-001', 'numerator', 'recognition', 'withdrawn', -1, 0),
        ('KPI-001', 'denominator', 'recognition', 'offered', 1, 0))
        as v(kpi_id, part, subject, measure, coefficient, offset_months)""",
    *UNITS,
    f"create table core.dim_month as select '{MONTH}' as month, date '2025-03-31' as last_day",
    f"""create table kpi.kpi_value as select '{MONTH}' as month, 'month' as kpi_window, 'institution' as unit_level,
        institution_id as unit_id, institution_id,
        'KPI-001' as kpi_id, 40 as numerator, 100 as denominator, 100 as sample_size, 40::decimal(18,6) as value,
        'valid' as status from core.dim_institution""",
    """create table kpi.kpi_component as select month, unit_level, unit_id, institution_id, kpi_id, numerator, denominator,
        0 as missing_deliveries from kpi.kpi_value""",
    LEVELS,
    """create view kpi.kpi_evidence__recognition as select month, institution_id, 0.5 as accepted, 0.1 as withdrawn,
        1 as offered from core.dim_institution cross join (select '2025-03' as month) cross join range(100)""",
)


@pytest.mark.parametrize(
    ("check", "change", "outcome"),
    [
        ("kpi_value.key_unique", "insert into kpi.kpi_value from kpi.kpi_value limit 1", "fail"),
        ("kpi_value.status_known", "update kpi.kpi_value set status = 'fine'", "fail"),
        ("kpi_value.missing_is_null", "update kpi.kpi_value set status = 'missing', value = 0", "fail"),
        ("kpi_value.missing_is_null", "update kpi.kpi_value set value = null", "fail"),
        ("kpi_value.every_institution_listed", f"delete from kpi.kpi_value where institution_id = '{TOWN}'", "fail"),
        ("kpi_value.share_within_whole", "update kpi.kpi_value set numerator = 101", "fail"),
        ("kpi_value.value_plausible", "update kpi.kpi_value set value = 51", "warn"),
        ("kpi_value.maturity_respected", "update core.dim_kpi set maturity_lag_days = 45", "fail"),
        ("kpi_value.minimum_respected", "update kpi.kpi_value set sample_size = 29", "fail"),
        ("kpi_component.evidence_adds_up", "update kpi.kpi_component set numerator = 41", "fail"),
        ("kpi_component.evidence_adds_up", "update kpi.kpi_component set numerator = 41 where unit_level = 'county'", "fail"),
        ("kpi_component.levels_add_up", "update kpi.kpi_component set numerator = 41 where unit_level = 'community'", "fail"),
        (
            "kpi_component.levels_add_up",
            f"""insert into kpi.kpi_component select month, 'department', '{TOWN}/1', institution_id, kpi_id, 39, 100, 0
                from kpi.kpi_component where unit_id = '{TOWN}'""",
            "fail",
        ),
        ("kpi_value.data_delivered", "update kpi.kpi_value set status = 'missing', value = null", "warn"),
        (
            "kpi_value.volume_usual",
            """insert into kpi.kpi_value select '2025-02', kpi_window, unit_level, unit_id, institution_id, kpi_id, 40, 1000,
               1000, 4, 'valid' from kpi.kpi_value""",
            "warn",
        ),
    ],
)  # fmt: skip
def test_kpi_checks_notice(handmade: HandmadeHome, check: str, change: str, outcome: str) -> None:
    handmade.build(*KPI_TABLES, change)
    assert outcome in outcomes(run_gate("kpi", handmade.home, [MONTH]), f"kpi.{check}")


def test_kpi_checks_pass_on_sound_values(handmade: HandmadeHome) -> None:
    handmade.build(*KPI_TABLES)
    rows = run_gate("kpi", handmade.home, [MONTH]).to_frame()
    judged = rows[~rows.subject.str.startswith("mart_")]
    assert len(judged) >= 12
    assert set(judged.outcome) == {"pass"}


MARTS = (
    "create schema marts", "create schema core", INSTITUTIONS,
    f"create table core.dim_month as select '{MONTH}' as month, date '2025-03-31' as last_day",
    f"""create table marts.mart_indicator_score as select '{MONTH}' as month, institution_id, 'KPI-00' || n as kpi_id,
        'D' || n % 2 as dimension, 25::decimal(9,4) as weight, 80::decimal(9,4) as score, 20::decimal(9,4) as weighted_score,
        'valid' as status, '{MONTH}' as value_month, 62::decimal(18,6) as value,
        case n when 1 then 60 end::decimal(18,6) as must_reach from core.dim_institution cross join range(1, 5) as r(n)""",
    """create table core.dim_kpi as select 'KPI-00' || n as kpi_id, n = 1 as is_primary_outcome, n = 9 as is_static_resource,
        case n when 2 then 'KPI-001,KPI-007' else '' end as together_with, 'higher' as direction,
        case n when 7 then 'township' else 'county_lead,township' end as institution_tiers from range(1, 10) as r(n)""",
    """create table core.score_target as select month, institution_id, kpi_id, 'abs' as target_mode, 0::decimal(18,6) as floor,
        60::decimal(18,6) as baseline, 90::decimal(18,6) as target, 90::decimal(18,6) as challenge from marts.mart_indicator_score""",
    f"""create table marts.mart_institution_score as select '{MONTH}' as month, institution_id, 80::decimal(9,4) as score,
        100::decimal(9,4) as coverage_pct, 1 as rank_in_peer_group, 5 as peers, 0.9::decimal(9,6) as pay_coefficient,
        'medical_safety' as vetoed_by, 'valid' as status from core.dim_institution""",
    """create table marts.mart_annual_indicator_score as select month, institution_id, kpi_id, score from marts.mart_indicator_score""",
    """create table marts.mart_annual_score as select month, institution_id, 12 as months_present, 12 as months_due, score,
        pay_coefficient, 0::decimal(9,6) as coefficients_to_settle, status from marts.mart_institution_score""",
    f"""create table core.score_mutual_rating as select '{MONTH}' as month, '{TOWN}' as rater_id, '{LEAD}' as institution_id,
        false as is_all_highest, false as is_without_spread""",
)  # fmt: skip


def scoring(
    handmade: HandmadeHome,
    *changes: str,
    card: Sequence[tuple[str, int]] = (("KPI-001", 30), ("KPI-002", 70)),
) -> GateResult:
    """Every row claims to be an outcome of primary care; KPI-001 is one."""
    start = dt.date(2025, 1, 1)
    common = {"institution_tier": "county_lead", "effective_from": start, "primary_outcome": 1}
    handmade.policy("kpi_weight", [
        *({**common, "kpi_id": kpi, "weight": weight, "effective_to": None} for kpi, weight in card),
        {**common, "kpi_id": "KPI-003", "weight": 50, "effective_to": dt.date(2025, 2, 1)},
    ])  # fmt: skip
    veto = {
        "institution_id": TOWN,
        "kind": "medical_safety",
        "month_from": MONTH,
        "month_to": MONTH,
        "pay_cap": 0.9,
        "effective_from": start,
    }
    handmade.policy("score_veto", [
        {**veto, "effective_to": None, "appeal_state": "open"},
        {**veto, "effective_to": None, "appeal_state": "upheld", "pay_cap": 0.1},
        {**veto, "effective_to": dt.date(2025, 3, 30), "appeal_state": "none", "pay_cap": 0.1},
        {**veto, "effective_to": None, "appeal_state": "none", "pay_cap": 0.1, "month_to": "2025-02"},
    ])  # fmt: skip
    handmade.build(*MARTS, *changes)
    return run_gate("scoring", handmade.home, [MONTH])


def test_sound_scores_pass_every_check(handmade: HandmadeHome) -> None:
    assert set(scoring(handmade).to_frame().outcome) == {"pass"}


def test_a_relative_target_without_a_baseline_warns_and_blocks_nothing(handmade: HandmadeHome) -> None:
    unscored = "update marts.mart_indicator_score set score = null where kpi_id = 'KPI-001'"
    relative = "update core.score_target set target_mode = 'delta', baseline = null where kpi_id = 'KPI-001'"
    result = scoring(handmade, unscored, relative)
    assert outcomes(result, "scoring.mart_indicator_score.target_present") == {"pass"}
    assert outcomes(result, "scoring.mart_indicator_score.baseline_present") == {"warn"}


@pytest.mark.parametrize(
    ("check", "card"),
    [
        ("primary_outcome_weight", [("KPI-001", 29), ("KPI-002", 71)]),
        # One that it needs is not in the card; the other has no figure at this tier.
        ("nothing_rewards_volume_alone", [("KPI-002", 100)]),
        ("nothing_rewards_volume_alone", [("KPI-001", 0), ("KPI-002", 100)]),
        ("no_static_resource", [("KPI-001", 30), ("KPI-009", 70)]),
    ],
)  # fmt: skip
def test_a_card_that_rewards_the_wrong_thing_is_not_published(
    handmade: HandmadeHome, check: str, card: list[tuple[str, int]]
) -> None:
    result = scoring(handmade, card=card)
    assert outcomes(result, f"scoring.policy_weight.{check}") == {"fail"}
    assert result.failed


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("mart_indicator_score.weights_add_up", "update marts.mart_indicator_score set weight = 24.9 where kpi_id = 'KPI-001'"),
        ("mart_indicator_score.target_present", "update marts.mart_indicator_score set score = null"),
        ("mart_indicator_score.threshold_takes_the_points", "update marts.mart_indicator_score set value = 59.9 where kpi_id = 'KPI-001'"),
        ("mart_indicator_score.threshold_takes_the_points", "update core.dim_kpi set direction = 'lower' where kpi_id = 'KPI-001'"),
        ("mart_indicator_score.in_range.score", "update marts.mart_indicator_score set score = 121"),
        ("mart_institution_score.every_institution_answered", f"delete from marts.mart_institution_score where institution_id = '{LEAD}'"),
        ("mart_institution_score.status_explains_score", "update marts.mart_institution_score set score = null"),
        ("mart_institution_score.contributions_add_up", "update marts.mart_institution_score set score = 81"),
        ("mart_institution_score.total_rests_on_enough", "update marts.mart_indicator_score set score = null where kpi_id > 'KPI-002'"),
        ("mart_institution_score.total_rests_on_enough", "update marts.mart_indicator_score set dimension = 'D1'"),
        ("mart_annual_score.nothing_is_filled_in", "update marts.mart_annual_score set months_present = 11"),
        ("mart_annual_score.nothing_is_filled_in", "update marts.mart_annual_score set status = 'no_mutual_assessment'"),
        ("mart_annual_score.nothing_is_filled_in", "update marts.mart_annual_score set coefficients_to_settle = null"),
        ("mart_annual_score.in_range.score", "update marts.mart_annual_score set score = 121"),
        ("policy_veto.veto_caps_pay", "update marts.mart_institution_score set pay_coefficient = 0.91"),
        ("policy_veto.veto_caps_pay", "update marts.mart_institution_score set vetoed_by = 'insurance_fraud'"),
        ("score_target.targets_in_order", "update core.score_target set target = 59 where kpi_id = 'KPI-001'"),
        ("score_target.targets_in_order", "update core.dim_kpi set direction = 'lower' where kpi_id = 'KPI-001'"),
        ("mart_institution_score.rank_within_peers", "update marts.mart_institution_score set rank_in_peer_group = 6"),
        ("mart_column.nothing_personal", "alter table marts.mart_institution_score add column person_key varchar"),
    ],
)  # fmt: skip
def test_scoring_checks_fail_on_broken_rows(handmade: HandmadeHome, check: str, change: str) -> None:
    result = scoring(handmade, change)
    assert "fail" in outcomes(result, f"scoring.{check}")
    assert result.failed


@pytest.mark.parametrize("mark", ["is_all_highest", "is_without_spread"])
def test_a_rater_who_tells_nobody_apart_is_marked_and_blocks_nothing(
    handmade: HandmadeHome, mark: str
) -> None:
    result = scoring(handmade, f"update core.score_mutual_rating set {mark} = true")
    rows = result.to_frame()
    marked = rows[rows.check_id == "scoring.score_mutual_rating.raters_tell_apart"]
    assert marked[marked.outcome == "warn"].institution_id.to_list() == [TOWN]
    assert not result.failed


CHARGES = f"""create table core.fct_fee_line as select '{TOWN}' as institution_id, '{MONTH}' as charge_month, '{MONTH}' as month,
    1000 as amount_fen, false as is_reversal, 'd' as deliverer_id, n::varchar as fee_id from range(1, 101) as r(n)"""
SETTLED = "create table core.fct_settlement as select '{}' as institution_id, '{}' as month, {} as total_fen"


@pytest.mark.parametrize(
    ("settlement", "outcome"),
    [
        ((TOWN, MONTH, 90_000), "pass"),
        ((TOWN, MONTH, 9_000_000), "warn"),
        ((TOWN, MONTH, 900), "warn"),
        ((LEAD, MONTH, 9_000_000), "not_applicable"),
    ],
)
def test_charges_are_held_against_settlements_of_the_month(
    handmade: HandmadeHome, settlement: tuple[str, str, int], outcome: str
) -> None:
    result = core(handmade, CHARGES, SETTLED.format(*settlement))
    check = "core.money_of_month.settled_as_charged"
    assert outcomes(result, check) == {outcome}
    if outcome == "warn":
        (row,) = result.examples[check]
        assert (row["charged_fen"], row["settled_fen"]) == (100_000, settlement[2])
