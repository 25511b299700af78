"""The feeds of one county hang together: keys are unique, references lead somewhere, sums agree."""

from collections import Counter, defaultdict
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from sources.contracts.load import load_contracts
from sources.simulator.ground.calendar import month_range
from sources.simulator.ground.layout import DEMO, load_layout
from sources.simulator.known.policies import diseases_of
from sources.simulator.month.one_month import frames_of
from sources.simulator.state.carried import Carried
from sources.simulator.state.world import make_world

PRODUCT_OWN = {
    "cfg_kpi", "cfg_target", "led_snapshot", "led_allocation", "led_audit", "dq_results", "mart_kpi", "mart_homogeneity",
}  # fmt: skip
# feeds that tell a key again when it changes, or that are lists delivered whole every month
TOLD_AGAIN = {"fin_internal_txn", "si_settle_list", "his_ip_stay", "his_mr_diag", "his_referral"}
Row = dict[str, object]


class Told:
    """The true rows of every feed, all months together, each with its deliverer."""

    def __init__(self, months: int = 2):
        calendar, layout = month_range("2025-03", months), load_layout()
        self.world = make_world(5, 4_000, calendar, layout, diseases_of(DEMO), defects=True)
        carried = Carried(self.world)
        self._rows: dict[str, list[list[Row]]] = defaultdict(list)
        for month in calendar:
            for feed, frame in frames_of(carried, month).items():
                columns = {n: _listed(frame.column(n)) for n in frame.columns} | {
                    "by": frame.deliverer.tolist()
                }
                rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
                self._rows[feed].append(rows)

    @property
    def feeds(self) -> set[str]:
        return set(self._rows)

    def months(self, feed: str) -> list[list[Row]]:
        return self._rows[feed]

    def __getitem__(self, feed: str) -> list[Row]:
        return [row for month in self._rows[feed] for row in month]

    def values(self, feed: str, *columns: str) -> set[tuple]:
        return {tuple(row[c] for c in columns) for row in self[feed]}


def _listed(column) -> list:
    return column.tolist() if isinstance(column, np.ndarray) else column.to_pylist()


@pytest.fixture(scope="module")
def told() -> Told:
    return Told()


def test_every_feed_is_told_but_those_the_product_writes_itself(told):
    assert told.feeds == set(load_contracts()) - PRODUCT_OWN
    assert [feed for feed in sorted(told.feeds) if not told[feed]] == []


def test_keys_are_unique_within_a_deliverer(told):
    for feed in sorted(told.feeds):
        contract, seen = load_contracts()[feed], set()
        for month in told.months(feed):
            keys = [(row["by"], *(row[name] for name in contract.key)) for row in month]
            assert len(set(keys)) == len(keys), feed
            if contract.delivery == "events" and feed not in TOLD_AGAIN:
                assert not seen & set(keys), feed
            seen |= set(keys)


REFERENCES = [  # a column (with the deliverer where ids are local) and where its values must be found
    ("his_op_register", ("by", "reg_no"), "his_op_visit", ("by", "reg_no")),
    ("his_mr_front", ("by", "visit_id"), "his_ip_stay", ("by", "visit_id")),
    ("his_mr_front", ("by", "mr_no", "admit_times"), "his_ip_stay", ("by", "mr_no", "admit_times")),
    ("his_mr_diag", ("by", "visit_id"), "his_mr_front", ("by", "visit_id")),
    ("his_mr_oper", ("by", "visit_id"), "his_mr_front", ("by", "visit_id")),
    ("his_ip_order", ("by", "visit_id"), "his_ip_stay", ("by", "visit_id")),
    ("his_pathway", ("by", "visit_id"), "his_ip_stay", ("by", "visit_id")),
    ("his_adverse_event", ("by", "visit_id"), "his_ip_stay", ("by", "visit_id")),
    ("his_lab_result", ("by", "report_id"), "his_lab_report", ("by", "report_id")),
    ("his_critical_value", ("by", "report_id"), "his_lab_report", ("by", "report_id")),
    ("his_ai_result", ("by", "exam_id"), "his_exam_report", ("by", "exam_id")),
    ("his_rx_review", ("rx_no",), "his_rx", ("rx_no",)),
    ("his_mr_review", ("visit_id",), "his_mr_front", ("visit_id",)),
    ("his_bill", ("msettle_id",), "si_settlement", ("setl_id",)),
    ("fin_internal_txn", ("service_code", "price_ver"), "cfg_internal_price", ("service_code", "version")),
    ("fin_payroll", ("staff_id",), "his_staff", ("staff_id",)),
    ("his_dispatch", ("staff_id",), "his_staff", ("staff_id",)),
    ("ph_contract_service", ("contract_id",), "ph_contract", ("contract_id",)),
    ("ph_followup_dm", ("ehr_no",), "ph_ehr", ("ehr_no",)),
    ("ph_elderly_exam", ("ehr_no",), "ph_ehr", ("ehr_no",)),
    ("ph_smi", ("ehr_no",), "ph_ehr", ("ehr_no",)),
    ("ph_tcm", ("ehr_no",), "ph_ehr", ("ehr_no",)),
    ("si_settle_list", ("setl_id", "mdtrt_id", "medfee_sumamt"), "si_settlement", ("setl_id", "mdtrt_id", "medfee_sumamt")),
    ("si_settle_diag", ("setl_id",), "si_settle_list", ("setl_id",)),
    ("si_settle_oper", ("setl_id",), "si_settle_list", ("setl_id",)),
    ("si_settle_icu", ("setl_id",), "si_settle_list", ("setl_id",)),
    ("si_settle_opsp", ("setl_id",), "si_settlement", ("setl_id",)),
    ("si_fee_detail", ("setl_id", "mdtrt_id"), "si_settlement", ("setl_id", "mdtrt_id")),
    ("si_drg_result", ("setl_id",), "si_settle_list", ("setl_id",)),
    ("si_dip_result", ("setl_id",), "si_settle_list", ("setl_id",)),
    ("si_deduction", ("setl_id",), "si_settle_list", ("setl_id",)),
    ("si_special_case", ("setl_id",), "si_settle_list", ("setl_id",)),
]  # fmt: skip


@pytest.mark.parametrize(("feed", "columns", "other", "found"), REFERENCES)
def test_references_lead_somewhere(told, feed, columns, other, found):
    assert told.values(feed, *columns) <= told.values(other, *found)


def test_every_transaction_leads_to_its_record(told):
    key_of = {
        "his_teleconsult": "tele_id", "his_dispatch": "act_id", "his_referral": "referral_id", "ph_followup_htn": "fu_id",
        "ph_followup_dm": "fu_id", "his_lab_report": "report_id", "his_exam_report": "exam_id",
        "his_fee_detail": "visit_id",
    }  # fmt: skip
    rows = told["fin_internal_txn"]
    assert {row["ref_table"] for row in rows} == {*key_of, "cssd_note"}
    for feed, key in key_of.items():
        booked = {row["ref_id"] for row in rows if row["ref_table"] == feed}
        assert booked <= {found for (found,) in told.values(feed, key)}, feed


def test_bills_belong_to_a_visit_or_a_stay(told):
    known = told.values("his_op_visit", "by", "visit_id") | told.values("his_ip_stay", "by", "visit_id")
    assert told.values("his_bill", "by", "visit_id") <= known


def test_every_settled_stay_is_on_a_list_and_fees_and_funds_add_up(told):
    lists = {row["setl_id"]: row for row in told["si_settle_list"]}
    settled = {row["setl_id"]: row for row in told["si_settlement"]}
    stays = {k for k, row in settled.items() if row["med_type"] == "21" and row["refd_setl_flag"] == "0"}
    assert set(lists) == stays
    for feed, column, total in (
        ("si_settle_fee_item", "amt", {k: row["medfee_sumamt"] for k, row in lists.items()}),
        ("si_settle_pay", "fund_payamt", {k: settled[k]["fund_pay_sumamt"] for k in lists}),
    ):
        added = Counter()
        for row in told[feed]:
            added[row["setl_id"]] += row[column]
        assert dict(added) == total


def test_front_pages_and_fee_lines_agree(told):
    charged, own_parts = Counter(), ("service_fee", "nurse_fee", "lab_fee", "imaging_fee", "nonsurg_fee", "surg_treat_fee",
                                     "west_drug_fee", "cpm_fee", "treat_material_fee", "other_fee")  # fmt: skip
    for line in told["his_fee_detail"]:
        if line["visit_type"] == "2" and line["status"] != "3":
            charged[line["by"], line["visit_id"]] += line["amount"]
    for page in told["his_mr_front"]:
        assert page["total_fee"] == charged[page["by"], page["visit_id"]]
        assert page["total_fee"] == sum(page[name] for name in own_parts)


def test_midterm_settlements_share_one_visit(told):
    """V15: one mdtrt_id, several settlements, one after the other."""
    several = defaultdict(list)
    for row in told["si_settlement"]:
        if row["refd_setl_flag"] == "0":
            several[row["mdtrt_id"]].append((row["setl_time"], row["begndate"], row["enddate"]))
    twice = [sorted(parts) for parts in several.values() if len(parts) > 1]
    assert twice
    assert all(first[2] <= second[1] for first, second in twice)


def test_beds_carry_over_midnight(told):
    wards = defaultdict(list)
    for row in told["his_bed_daily"]:
        wards[row["org_code"], row["dept_code"]].append(row)
    for days in wards.values():
        days.sort(key=lambda row: row["stat_date"])
        for before, after in pairwise(days):
            assert (
                after["occupied_beds"] == before["occupied_beds"] + after["admissions"] - after["discharges"]
            )


def test_nobody_comes_after_death(told):
    """But for the follow-ups that are an anomaly, the dead leave the county's records."""
    people, numbers = told.world.people, told.world.registers
    died = {
        (int(place), f"{numbers.number[place, person]:09d}"): people.died[person]
        for person in np.flatnonzero(~np.isnat(people.died))
        for place in np.flatnonzero(numbers.number[:, person] >= 0)
    }
    codes = told.world.layout.code_list()
    for visit in told["his_op_visit"]:
        day = died.get((codes.index(visit["org_code"]), visit["patient_id"]))
        assert day is None or np.datetime64(visit["visit_time"], "D") < day


def test_insurers_see_the_same_amount_as_the_hospital(told):
    """A line sent to the bureau is found in the hospital's own lines by the number behind the institution's."""
    own = {(row["org_code"], row["fee_id"]): row["amount"] for row in told["his_fee_detail"]}
    codes = told.world.layout.code_list()
    for row in told["si_fee_detail"]:
        serial = row["feedetl_sn"]
        assert own[codes[int(serial[1:3]) - 10], "F" + serial[3:]] == row["det_item_fee_sumamt"]
        assert Decimal(row["pric"]) * Decimal(row["cnt"]) * 100 == row["det_item_fee_sumamt"]
