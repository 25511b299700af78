"""A tiny build database and home: two months, two institutions, one indicator; enough for every rule of
releasing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from copy import copy
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from expectations.result import GateResult, frame
from orchestration.publishing.events import EVENTS
from orchestration.publishing.grounds import BUDGET, MONTHLY
from orchestration.publishing.release import ReleaseInfo, publish
from sources.base.home import Home
from sources.base.terms import GATES
from sources.county.settings import Platform
from sources.mappings.load import MappingFile
from sources.mappings.mapping import Mapping

CODE = "c0de"
LEAD, TOWN = "H34062100001", "H34062100011"


@dataclass(frozen=True)
class CountyStub:
    """What publishing asks of a county."""

    name: str = "濉河县"
    region_code: str = "340621"
    simulated: bool = True

    platforms: tuple[Platform, ...] = (Platform(id="PH340621", name="公卫平台"),)

    def mappings_of(self, deliverer: str) -> tuple[MappingFile, ...]:
        """The lead hospital calls the time of discharge CYSJ."""
        feeds = {
            "his_ip_stay": {"file": "{institution}/{month}/ZY.csv", "columns": {"discharge_time": "CYSJ"}}
        }
        mapping = Mapping.model_validate(
            {"vendor": "v", "name_zh": "某厂商", "system": "his", "money_unit": "yuan", "feeds": feeds}
        )
        return (MappingFile("vendor", "", mapping),) if deliverer == LEAD else ()

    def name_of(self, identifier: str) -> str:
        return {LEAD: "县医院", TOWN: "卫生院"}[identifier]


class Workshop:
    """Writes what dbt and the gates would leave behind, then publishes it.

    made: where the first release of every state lies once it was made; another workshop of that state copies it.
    """

    def __init__(self, root: Path, made: Path | None = None) -> None:
        self.home = Home(root)
        self.made = made
        self.county = CountyStub()
        self.events = {
            (month, where): 4 for month in ("2025-01", "2025-02", "2025-03") for where in (LEAD, TOWN)
        }
        self.immature: set[str] = set()
        self.undelivered: set[str] = set()  # months whose rows count nowhere, because a delivery is missing
        self.growth = False  # KPI-010 compares with the year before
        self.vetoed = False  # the card missed its threshold, and a veto takes the pay
        self.batches = {"b1": "2025-01", "b2": "2025-02", "b3": "2025-03"}
        self.policy(60)

    def policy(self, target: int) -> None:
        self._write(self.home.policy / "kpi_target.parquet", [{"kpi_id": "KPI-010", "target": target}])

    def build(self, last_month: str) -> None:
        """Build everything up to `last_month`, as dbt does: every month, whatever is published."""
        months = sorted({month for month, _ in self.events if month <= last_month})
        self._write(self.home.run_month, [{"month": month} for month in months])
        self._write(
            self.home.batch_outcome / "all.parquet",
            [
                {
                    "batch_id": name,
                    "feed": "his_ip_stay",
                    "institution_id": LEAD,
                    "month": month,
                    "status": "conformed",
                    "source_file": f"{LEAD}/{month}/ZY.csv",
                    "source_sha256": name * 32,
                    "delivered_rows": 8,
                    "quarantined_rows": 1,
                    "duplicate_rows": 1,
                    "first_landed_at": dt.datetime(2025, 4, 8),
                }
                for name, month in self.batches.items()
            ],
        )
        self.home.build_database.parent.mkdir(parents=True, exist_ok=True)
        self.home.build_database.unlink(missing_ok=True)
        with duckdb.connect(str(self.home.build_database)) as connection:
            self._tables(connection, months)

    def results(self, *months: str, fail: str | None = None) -> list[GateResult]:
        """Verdicts of the four gates; `fail` names one that fails."""
        return [
            GateResult(gate, months, frame([self._verdict(gate, month, gate == fail) for month in months]))
            for gate in GATES
        ]

    def publish(self, *months: str, code: str = CODE) -> ReleaseInfo:
        if self.made is None or self.home.releases.exists():
            self.build(max(months))
            return publish(self.home, self.county, months, self.results(*months), code)
        shutil.copytree(
            self._first_of_its_state(self.made, months, code),
            self.home.root,
            symlinks=True,
            dirs_exist_ok=True,
        )
        path = self.home.current.resolve()
        return ReleaseInfo(path.name, path, True, None, {})

    def _first_of_its_state(self, made: Path, months: tuple[str, ...], code: str) -> Path:
        """The home after the first release that starts from today's settings and files."""
        settings = {name: value for name, value in vars(self).items() if name not in ("home", "made")}
        root = self.home.root
        files = [(p.relative_to(root), p.read_bytes()) for p in sorted(root.rglob("*")) if p.is_file()]
        state = repr((months, code, sorted(settings.items()), files))
        first = made / hashlib.sha256(state.encode()).hexdigest()
        if not first.exists():
            maker = copy(self)
            maker.home, maker.made = Home(Path(shutil.copytree(root, first))), None
            maker.publish(*months, code=code)
        return first

    def _tables(self, connection: duckdb.DuckDBPyConnection, months: list[str]) -> None:
        connection.execute("create schema marts; create schema kpi; create schema core")
        rows = ", ".join(
            f"('{month}', '{where}', {count}, '{'immature' if month in self.immature else 'valid'}')"
            for (month, where), count in self.events.items()
            if month in months
        )
        connection.execute(
            f"create table kpi.fact as select * from (values {rows}) as v(month, institution_id, events, status)"
        )
        for statement in _BUILD:
            connection.execute(statement)
        if self.growth:
            connection.execute(_GROWTH)
        if self.vetoed:
            connection.execute(_VETOED)
        for month in self.undelivered:
            connection.execute("update kpi.kpi_component set missing_deliveries = 1 where month = ?", [month])
            connection.execute(
                """update marts.mart_kpi_value set numerator = null, denominator = null, value = null,
                status = 'missing' where month = ?""",
                [month],
            )

    def _verdict(self, gate: str, month: str, failed: bool) -> dict:
        return {
            "check_id": f"{gate}.x.ok",
            "gate": gate,
            "subject": "x",
            "institution_id": TOWN,
            "month": month,
            "kahn_category": "conformance",
            "severity": "critical",
            "violated": int(failed),
            "total": 1,
            "batch_id": None,
            "counts": "rows",
            "threshold_pct": 0.0,
            "tolerated": 0,
            "outcome": "fail" if failed else "pass",
            "message_zh": "好",
            "message_en": "ok",
        }

    @staticmethod
    def _write(path: Path, rows: list[dict]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows), path)


_GROWTH = """
    delete from policy.kpi_part where kpi_id = 'KPI-010';
    insert into policy.kpi_part values ('KPI-010', 'numerator', 'stay', 'typical_stays', 1, 0, ''),
        ('KPI-010', 'numerator', 'stay', 'typical_stays', -1, 12, ''), ('KPI-010', 'denominator', 'stay', 'typical_stays', 1, 12, '');
    update marts.mart_kpi_value set numerator = 2, denominator = 2, value = 1 where month = '2025-01'
"""
_VETOED = """
    create or replace table marts.mart_indicator_score as select * replace (0::decimal(9,4) as score),
        1::decimal(18,6) as must_reach, true as is_threshold_missed from marts.mart_indicator_score;
    create or replace table marts.mart_institution_score as select *, 0::decimal(9,6) as pay_coefficient,
        1.1::decimal(9,6) as pay_coefficient_before_veto, 'insurance_fraud,medical_safety' as vetoed_by
        from marts.mart_institution_score;
"""
_BUILD = (
    """create table marts.mart_kpi_value as select month, 'month' as kpi_window, 'month' as "window", institution_id,
        'township' as institution_tier, 'KPI-010' as kpi_id, (2 * events)::decimal(18,4) as numerator,
        events::decimal(18,4) as denominator, 2::decimal(18,6) as value, '天' as unit, status,
        9::decimal(18,6) as baseline, 7::decimal(18,6) as target, 6::decimal(18,6) as challenge,
        100::decimal(9,4) as score, events::bigint as sample_size, 'preview' as release_id from kpi.fact""",
    """create table marts.mart_unit_value as select month, 'month' as kpi_window, 'community' as unit_level, 'A' as unit_id,
        'A' as unit_name, null::varchar as institution_id, 'KPI-010' as kpi_id, sum(2 * events)::decimal(18,4) as numerator,
        sum(events)::decimal(18,4) as denominator, 2::decimal(18,6) as value, '天' as unit, max(status) as status,
        9::decimal(18,6) as baseline, 7::decimal(18,6) as target, 6::decimal(18,6) as challenge, 100::decimal(9,4) as score,
        sum(events)::bigint as sample_size, 1 as months_present, 1 as months_due, 'preview' as release_id
        from kpi.fact group by month""",
    *(
        f"""create view marts.{name} as select f.month, f.institution_id, n.source_line from kpi.fact as f
        cross join lateral (select unnest(range(f.events)) as source_line) as n"""
        for name in EVENTS
    ),
    """create table marts.mart_kpi_set_value as select month, 'month' as kpi_window, 'community_2024' as set_id, 1 as item_number,
        'KPI-010' as kpi_id, 'community' as unit_level, 'A' as unit_id, 2::decimal(18,6) as value, max(status) as status,
        'preview' as release_id from kpi.fact group by month""",
    """create table marts.mart_week_value as select month, date '2025-01-06' as week, 'community' as unit_level, 'A' as unit_id,
        'KPI-010' as kpi_id, 2::decimal(18,6) as value, max(status) as status, 'preview' as release_id from kpi.fact group by month""",
    """create table core.dim_unit as select 'community' as unit_level, 'A' as unit_id, 'A' as unit_name, 'alliance' as unit_tier,
        '340621' as parent_unit_id""",
    """create table kpi.kpi_home as select distinct 'KPI-010' as kpi_id, institution_id, institution_id as home_id from kpi.fact""",
    """comment on table marts.mart_kpi_value is '指标值 | KPI values'""",
    """comment on column marts.mart_kpi_value.value is '值 | the value'""",
    """create table marts.mart_indicator_score as select month, institution_id, '效率' as dimension,
        'KPI-010' as kpi_id, 100::decimal(9,4) as weight, 2::decimal(18,6) as value, 100::decimal(9,4) as score,
        100::decimal(9,4) as weighted_score, status, month as value_month, 'preview' as release_id from kpi.fact""",
    """create table marts.mart_institution_score as select month, institution_id, 'x' as institution_name,
        'township' as institution_tier, 100::decimal(9,4) as score, 100::decimal(9,4) as coverage_pct,
        null::bigint as rank_in_peer_group, 2::bigint as peers, status, 'preview' as release_id from kpi.fact""",
    """create table marts.mart_score_change as select month, institution_id, 'KPI-010' as kpi_id,
        0::decimal(9,4) as change, 'preview' as release_id from kpi.fact""",
    """create table marts.mart_annual_score as select month, institution_id, 2025 as year, null::decimal(9,4) as score,
        'partial' as status, 'preview' as release_id from kpi.fact""",
    """create table marts.mart_annual_indicator_score as select month, institution_id, 'KPI-010' as kpi_id,
        100::decimal(9,4) as weight, 100::decimal(9,4) as score, status, 'preview' as release_id from kpi.fact""",
    """create table marts.mart_reference_score as select month, institution_id, 'rsr' as method, 0.5::decimal(12,6) as score,
        true as is_reference, 'preview' as release_id from kpi.fact""",
    """create table marts.mart_batch_reconciliation as select 'his_ip_stay' as feed, institution_id, month,
        'b' || right(month, 1) || right(institution_id, 1) as batch_id, events as delivered_rows from kpi.fact""",
    """create table marts.mart_quarantine_summary as select 'his_ip_stay' as feed, institution_id, month,
        'TYPE_INVALID' as rule_id, 'los' as column_name, 1::bigint as row_count, 1::bigint as rows from kpi.fact""",
    """create table marts.mart_code_unmapped as select month, institution_id, institution_id as deliverer_id,
        'his_op_diag' as feed, 'diagnosis' as terminology, 'QT001' as source_code, '其他不适' as source_name,
        1::bigint as row_count, 1::bigint as rows, 990::bigint as amount_fen from kpi.fact""",
    """create table marts.mart_code_coverage as select month, institution_id, 'his_op_diag' as feed,
        'diagnosis' as terminology, 9::bigint as row_count, 9::bigint as rows, 8::bigint as mapped_rows from kpi.fact""",
    """create table marts.mart_fund_entry as select month, 'e' || month as entry_id, 'pool:A' as account_id, 'retained:A' as counter_account_id,
        100::bigint as amount_fen, 'pool_rule/A' as rule_id, 'pool_base' as source_relation, 'A/' || month as source_key,
        false as is_correction, false as is_approved, 'preview' as release_id from kpi.fact group by month""",
    """create table marts.mart_fund_balance as select month, 'pool:A' as account_id, 'pool' as kind, 100::bigint as in_fen,
        0::bigint as out_fen, 100::bigint as balance_fen from kpi.fact group by month""",
    """create table marts.mart_pool_institution as select month, institution_id, 'A' as community_id, 200::bigint as round_fen,
        30::bigint as base_fen, 70::bigint as performance_fen, 100::bigint as amount_fen, 1 as departments, 'direct' as person_mode,
        'preview' as release_id from kpi.fact""",
    """create table marts.mart_honour as select distinct institution_id as honour_id, institution_id, 2025::bigint as year from kpi.fact""",
    """create table marts.mart_pool_watch as select month, institution_id, '' as subject, 'rank_correlation_low' as measure,
        0.5::double as value, false as is_beyond, 'preview' as release_id from kpi.fact""",
    """create schema casemix""",
    """create table casemix.chain_case as select month, institution_id || ' s1' as case_id, 'BR23' as drg from kpi.fact""",
    """create table casemix.chain_code as select month, institution_id || ' s1' as case_id, 'diagnosis' as terminology, 1 as number
        from kpi.fact""",
    """create table casemix.casemix_settlement as select month, institution_id || ' s1' as case_id, 100::bigint as fund_due_fen
        from kpi.fact""",
    """create schema fund""",
    *(
        f"""create table fund.{name} as select month, institution_id, 's1' as staff_id, 'p1' as person_key from kpi.fact"""
        for name in (*MONTHLY, BUDGET)
    ),
    """create schema restricted""",
    """create table restricted.pay_difference as select institution_id, month, 's1' as staff_id, 0::bigint as difference_fen
        from kpi.fact""",
    """create table restricted.pay_entry as select institution_id, month, 'p' || month || institution_id as entry_id,
        'person:s1:pool' as account_id, 'department:' || institution_id || ':D' as counter_account_id, 60::bigint as amount_fen,
        'pool_driver/person/workload' as rule_id, 'pool_person' as source_relation, month as source_key, false as is_correction,
        false as is_approved, 'preview' as release_id from kpi.fact""",
    """create table restricted.pay_sheet as select institution_id, month, 'D' as department_code, 's1' as staff_id,
        2::decimal(18,6) as points, 2000000::bigint as weight, 2000000::bigint as department_weight, 64::bigint as department_fen,
        (60 + events)::bigint as amount_fen, 'direct' as person_mode, 'preview' as release_id from kpi.fact""",
    """create table restricted.pay_point as select institution_id, month, month as work_month, institution_id as worked_at,
        'D' as department_code, 's1' as staff_id, 2::decimal(18,6) as points, 1::decimal(9,6) as quality_factor,
        'none' as quality_level, 1::decimal(9,6) as post_factor, 2::decimal(18,6) as weighted_points, 'preview' as release_id
        from kpi.fact""",
    """create table restricted.assistance_account as select institution_id, month, 's1' as staff_id, 1::bigint as entry_number,
        'earned' as entry_kind, institution_id as worked_at, date '2025-01-06' as entry_date, 3::bigint as points,
        3::bigint as balance_points, null::varchar as document, institution_id || '/XC.csv' as source_file, 5::bigint as source_line,
        'preview' as release_id from kpi.fact""",
    """create table restricted.pay_work as select institution_id, month, 's1' as staff_id, 'e1' as event_key, 'executing' as role,
        'visit' as event_kind, 'VISIT' as rule_id, 2::decimal(18,6) as points, institution_id || '/' || month || '/ZY.csv' as source_file,
        7::bigint as source_line,
        'preview' as release_id from kpi.fact""",
    """create table marts.mart_casemix_agreement as select month, institution_id, 'chs-drg-1.1' as scheme,
        'same_drg' as outcome, '' as reason, 9::bigint as cases, 990::bigint as total_fen from kpi.fact""",
    """create table marts.mart_case_settlement as select month, institution_id, 'drg_rate' as method, 'normal' as deviation,
        9::bigint as cases, 1::bigint as cases_without_standard, 900::bigint as fund_due_fen, 800::bigint as actual_fund_fen,
        100::bigint as difference_fen from kpi.fact""",
    """create table marts.mart_settlement_list_quality as select month, institution_id, 'not_first_pass' as rule_id,
        'total' as rule_kind, 9::bigint as lists, 1::bigint as hit_lists from kpi.fact""",
    """create table marts.mart_market_net as select month, institution_id, 530000::bigint as provided_fen,
        530000::bigint as consumed_fen, 0::bigint as net_fen, 0::bigint as disputed_fen,
        events::bigint as unconfirmed_fen from kpi.fact""",
    """create table marts.mart_market_statement as select month, institution_id as provider_institution_id,
        institution_id as consumer_institution_id, 'TELE-ECG' as service_code, '远程心电报告' as service_name,
        events::bigint as settled_services, 1500::bigint as settled_fen from kpi.fact""",
    """create table marts.mart_pay_fairness as select month, institution_id, 30::bigint as people,
        1.2::decimal(9,6) as physician_to_nurse_ratio, 1.5::decimal(9,6) as physician_to_administrative_ratio,
        25::bigint as same_post_people, 0.2::decimal(9,6) as same_post_variation, 0.1::decimal(9,6) as gini,
        9::bigint as same_title_people, 1.01::decimal(9,6) as primary_to_county_ratio, true as is_primary_at_county_level
        from kpi.fact""",
    """create table marts.mart_fund_execution as select distinct month, 2025 as budget_year, 'A' as community_id,
        '390' as insurance_type_code, 'package' as mode, 'decided' as status, 900::bigint as budget_fen, true as is_surplus_low,
        null::varchar as notice_zh from kpi.fact""",
    """create table marts.mart_fund_flow as select distinct month, 'A' as community_id, '390' as insurance_type_code,
        'inpatient' as component, 'county' as care_level, 9::bigint as settlements, 8::bigint as persons, 900::bigint as total_fen,
        500::bigint as fund_fen from kpi.fact""",
    """create table marts.mart_fund_outflow_disease as select distinct month, 'A' as community_id, 'I63' as diagnosis_category,
        9::bigint as outside_cases, true as is_treated_here, 900::bigint as returnable_fund_fen from kpi.fact""",
    """create table marts.mart_fund_share as select distinct month, 2025 as budget_year, 'A' as community_id, '390' as insurance_type_code,
        'heads' as scheme, 5::bigint as annual_fen from kpi.fact""",
    """create table marts.mart_fund_per_head as select distinct month, 'A' as community_id, '390' as insurance_type_code,
        90::bigint as insured_months, 900::bigint as fund_fen, 10::bigint as per_head_fen from kpi.fact""",
    """create table marts.mart_fund_waterfall as select distinct month, 2025 as budget_year, 'A' as community_id,
        '390' as insurance_type_code, 1 as step_number, 'raised' as step, 'change' as kind, 900::bigint as amount_fen from kpi.fact""",
    """create table marts.mart_quality_score as select month, institution_id, dimension, 1::bigint as violated,
        100::bigint as total, 1::decimal(9,4) as violated_pct, 10::decimal(9,4) as zero_at_pct,
        20::decimal(9,4) as weight, (90 + events)::decimal(9,4) as score, 'valid' as status
        from kpi.fact cross join (select unnest(['conformance', 'total']) as dimension)""",
    """create table marts.mart_quality_rule as select month, institution_id, 'conformance' as dimension,
        'DISCHARGE_BEFORE_ADMISSION' as rule_id, 'his_ip_stay' as feed, 'discharge_time' as column_name,
        1::bigint as violated, 4::bigint as total, 1 as rank_in_dimension, '出院早于入院;请核对' as message_zh,
        'discharged before admitted; check' as message_en from kpi.fact""",
    """create schema quality""",
    """create table quality.quality_example as select 'DISCHARGE_BEFORE_ADMISSION' as rule_id, 'his_ip_stay' as feed,
        'discharge_time' as column_name, institution_id as deliverer_id, month, 1 as example_number,
        institution_id || '/' || month || '/ZY.csv' as source_file, 7 as source_line from kpi.fact""",
    """create table quality.quality_delivery as select institution_id as deliverer_id, 'his_rx' as feed, month,
        true as is_missing from kpi.fact""",
    """create table core.code_use as select institution_id as deliverer_id, month, 'diagnosis' as terminology,
        '3' as code_map_status, 1::bigint as rows, 990::bigint as amount_fen from kpi.fact""",
    """create table core.stg_batch_outcome as select 'his_ip_stay' as feed, institution_id as deliverer_id,
        month as delivery_month, institution_id || '/' || month || '/ZY.csv' as source_file, 'b1' as batch_id,
        'conformed' as status, 'in_force' as standing, timestamp '2025-04-08 10:00:00' as first_landed_at, 8::bigint as delivered_rows,
        6::bigint as accepted_rows, 1::bigint as quarantined_rows, 1::bigint as duplicate_rows,
        123450::bigint as delivered_fen, 100000::bigint as accepted_fen, 20000::bigint as quarantined_fen,
        3450::bigint as duplicate_fen from kpi.fact""",
    """create table core.dim_institution as select distinct institution_id, 'x' as institution_name,
        'township' as institution_tier, 'A' as alliance_id, institution_id as delivered_by from kpi.fact""",
    """create table core.dim_department as select distinct institution_id, 'D' as department_code,
        institution_id || '/D' as unit_id, '内科' as department_name from kpi.fact""",
    """create table core.dim_kpi as select 'KPI-010' as kpi_id, 'CI-10' as kpi_code, '平均住院日' as name_zh,
        'length of stay' as name_en, '天' as unit, 'lower' as direction, 'sum' as aggregation, '' as pooled_months_parameter, 'ratio' as statistic,
        1 as scale, 1 as divisor, 'month' as scoring_window, 0 as maturity_lag_days, 1 as minimum_sample,
        '出院患者平均住院天数' as definition_zh, 'd' as definition_en, '住院天数' as numerator_zh,
        '出院人次' as denominator_zh, true as is_assumption, 'S003' as origin, 'long_stay_days' as policy_items,
        false as is_share""",
    """create table core.dim_month as select distinct month, 'preview' as release_id, 9 as revision from kpi.fact""",
    """create table core.dim_day as select distinct cast(month || '-01' as date) as day, month, true as is_workday from kpi.fact""",
    """create table core.dim_institution_history as select distinct institution_id, date '2021-01-01' as valid_from,
        date '9999-12-31' as valid_until, 'x' as institution_name from kpi.fact""",
    """create table core.dim_diagnosis as select 'I10.x00' as diagnosis_code, '特发性高血压' as diagnosis_name""",
    """create table core.dim_procedure as select '47.0100' as procedure_code, '腹腔镜下阑尾切除术' as procedure_name""",
    """create table core.dim_drug as select distinct institution_id as deliverer_id, 'YP1' as drug_code from kpi.fact""",
    """create table core.dim_service_item as select distinct institution_id as deliverer_id, '110200001' as item_code,
        'service_item' as item_terminology from kpi.fact""",
    """create table kpi.kpi_component as select 'KPI-010' as kpi_id, month, institution_id, 0 as missing_deliveries
        from kpi.fact""",
    """create schema policy""",
    """create table policy.kpi_part as select * from (values
        ('KPI-010', 'numerator', 'stay', 'typical_bed_days', 1, 0, ''), ('KPI-010', 'denominator', 'stay', 'typical_stays', 1, 0, ''),
        ('KPI-099', 'numerator', 'stay', 'discharges', 1, 0, '')) as v(kpi_id, part, subject, measure, coefficient, offset_months, item)""",
    """create view kpi.kpi_evidence__stay as select month, institution_id, null::varchar as department_code,
        null::varchar as staff_id, md5(month || institution_id || n) as person_key, date '2025-01-31' as event_date,
        1 as discharges, case when n < events then 2 end as typical_bed_days, case when n < events then 1 end as typical_stays,
        'his_ip_stay' as source_feed,
        'b' || right(month, 1) as source_batch_id, institution_id || '/' || month || '/ZY.csv' as source_file,
        n + 2 as source_line
        from kpi.fact cross join lateral (select unnest(range(events + 1)) as n) as r""",
    """create table kpi.kpi_left_out as select subject, month, institution_id, date '2025-01-30' as event_date, reason, reason_zh, reason_en,
        'his_ip_stay' as source_feed, 'b' || right(month, 1) as source_batch_id,
        institution_id || '/' || month || '/ZY.csv' as source_file, source_line
        from kpi.fact cross join (values ('stay', 'day_surgery', '日间手术', 'day surgery', 91), ('stay', 'day_surgery', '日间手术', 'day surgery', 92),
        ('stay', 'x', '已计入', 'counted', 2), ('visit', 'void', '作废', 'void', 93)) as v(subject, reason, reason_zh, reason_en, source_line)""",
    """create table kpi.score_target as select distinct month, 'institution' as unit_level, institution_id as unit_id,
        institution_id, 'KPI-010' as kpi_id, 'abs' as target_mode,
        9::decimal(18,6) as baseline, 7::decimal(18,6) as target, 6::decimal(18,6) as challenge,
        11::decimal(18,6) as floor, null::decimal(18,6) as range_low, null::decimal(18,6) as range_high,
        null::decimal(18,6) as tolerance from kpi.fact""",
    """create view kpi.kpi_missing_delivery as select kpi_id, month, institution_id, '' as feed, '' as deliverer_id
        from kpi.kpi_component where missing_deliveries > 0""",
)


@pytest.fixture
def workshop(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path / "home", tmp_path_factory.getbasetemp() / "released")
