"""The course of one month: everything that happens in it, entered into the diary as it happens.

The order matters where one thing needs another: a visit gets its number only when all visits are known. Not here: what
of it is written down as feeds (written_at_once.py, written_afterwards.py).
"""

import numpy as np

from sources.simulator.ground.arrays import Arrays, concat
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.streams import stream
from sources.simulator.happening import (
    arrivals,
    cases,
    experience,
    fee_book,
    fees,
    follow_ups,
    medicines,
    operations,
    orders,
    public_health,
    recognition,
    referrals,
    reports,
    settlements,
    stay_records,
    stays,
    visits,
)
from sources.simulator.people.population import living
from sources.simulator.place.departments import department_table
from sources.simulator.state.carried import Carried
from sources.simulator.state.happened import Happened

_REFERRAL_COLUMNS = (
    "number", "direction", "sender", "target", "person", "category", "doctor", "receiver", "severity", "rejected",
    "apply", "documents", "accept", "arrive", "feedback", "close", "cancel",
)  # fmt: skip
_OPERATION_COLUMNS = (
    "stay", "which", "clean", "infected", "minimally_invasive", "complication",
    "surgeon", "first", "second", "anaesthetist",
)  # fmt: skip


class Course:
    """Lets one month happen: `w` the world, `s` what is carried over, `m` the month; the other attributes are events."""

    def __init__(self, carried: Carried, month: CalendarMonth):
        self.w, self.s, self.m = carried.world, carried, month
        self.entries: list[np.ndarray] = []  # new entries of registers: institution, person
        if month.number == 0:
            self._enter_register(self.w.registers.history())
        self._people_come()
        self._orders_are_done()
        self._records_are_mended()
        self._care_is_given()
        self._money_flows()
        self._people_answer()

    def happened(self) -> Happened:
        """The month's events for those who only write them down."""
        return Happened(
            world=self.w,
            month=self.m,
            visits=self.visits,
            begun=self.new_stays.take(self.new_stays.status != stays.CANCELLED),
            present=self.present,
            discharged=self.discharged,
            operations=self.operations,
            labs=self.labs,
            exams=self.exams,
            prescriptions=self.prescriptions,
            items=self.items,
            visit_lines=self.visit_lines,
            stay_lines=self.stay_lines,
            charged=self.charged,
            settlements=self.settlements,
            bookings=self.s.bookings,
            lists_back=self.s.lists_back,
            diary=self.s.diary,
        )

    # -- encounters --------------------------------------------------------------------------------------------

    def _people_come(self) -> None:
        """Visits, stays, referrals and their consequences, until all visits of the month are known."""
        w, m, s = self.w, self.m, self.s
        first = [visits.ordinary_visits(w.seed, m, w.people, w.diseases, w.layout)]
        first += s.visits_to_come.collect(m.end)
        first += [visits.test_visits(w.seed, m, w.people, w.diseases, w.layout)] if w.defects else []
        came = self._of_the_living(concat(first))
        habits = referrals.rushed(w.habits, m, w.months, w.culprits["年末突击"])
        ups = referrals.up_referrals(w.seed, m, came, w.people, w.diseases, w.layout, habits)
        ups["number"] = m.id_base + 1 + np.arange(ups.rows)
        more = self._consequences(ups)
        self._stays_happen()
        downs = referrals.down_referrals(w.seed, m, self.discharged, w.people, w.diseases, w.layout, w.habits)
        downs["number"] = m.id_base + 1 + ups.rows + np.arange(downs.rows)
        more += self._consequences(downs)
        self.discharged["leaving"][downs.source] = stays.TRANSFERRED
        self.visits = visits.finish(w.seed, m, [came, *more], w.diseases, w.layout, w.workforce, w.defects)
        self._enter_visits()
        sending = self.visits.take(self.visits.origin == 0)
        sending = sending.take(np.argsort(sending.within)).take(ups.source)
        ups["source_number"], ups["doctor"] = sending.number, sending.doctor
        downs["source_number"] = self.discharged.number[downs.source]
        self._enter_referrals(concat([ups, downs]))

    def _consequences(self, sent: Arrays) -> list[Arrays]:
        """Arrivals and returns of new referrals: this month's visits are returned, everything else is put aside."""
        w, m, s = self.w, self.m, self.s
        coming, admitted, outside = arrivals.arrivals(w.seed, m, sent, w.diseases, w.layout, w.habits)
        coming = [self._of_the_living(rows) for rows in coming]
        for rows in coming:
            s.visits_to_come.put(rows.take(rows.due >= m.end))
        for rows in admitted:
            s.stays_to_come.put(rows)
        s.beyond.call(outside)
        s.visits_to_come.put(arrivals.ping_pong(w.seed, m, sent, w.diseases, w.culprits["乒乓转诊"]))
        return [rows.take(rows.due < m.end) for rows in coming]

    def _of_the_living(self, rows: Arrays) -> Arrays:
        return rows.take(living(self.w.people, rows.person, rows.due))

    def _stays_happen(self) -> None:
        w, m, s = self.w, self.m, self.s
        begun = [stays.ordinary_stays(w.seed, m, w.people, w.diseases, w.layout)]
        begun += s.stays_to_come.collect(m.end)
        begun = [self._of_the_living(rows) for rows in begun]
        begun.append(stays.last_stays(w.seed, m, w.people, w.diseases, w.layout))
        begun.append(stays.newborn_stays(w.seed, m, w.people, w.diseases, w.layout))
        new = stays.finish(w.seed, m, concat(begun), w.layout, w.workforce)
        self.new_stays = s.enter_stays(cases.coded(w.seed, m, new, w.layout, w.casebook))
        present = concat([s.open_stays, self.new_stays])
        self.present = present.take(present.status != stays.CANCELLED)
        leaves = self.present.due < m.end
        self.discharged, s.open_stays = self.present.take(leaves), self.present.take(~leaves)
        s.stays_to_come.put(stays.split_stays(w.seed, m, self.discharged, w.diseases, w.culprits["分解住院"]))
        self.discharged["corrected"] = np.zeros(self.discharged.rows, bool)
        if w.defects and m.number < w.months[-1].number:
            self.discharged["corrected"][stay_records.choose_corrections(w.seed, m, self.discharged)] = True

    def _enter_visits(self) -> None:
        v, w = self.visits, self.w
        v["category"] = np.where(v.coded, w.diseases.category[v.recorded], -1)
        columns = (
            "person",
            "institution",
            "due",
            "category",
            "kind",
            "first",
            "status",
            "number",
            "doctor",
            "department",
            "tcm",
        )
        v["event"] = self.s.diary.write("visit", v, columns)
        for rows in (v, self.new_stays, self.discharged):
            self._register(rows.institution, rows.person)

    def _enter_referrals(self, new: Arrays) -> None:
        w, s, m = self.w, self.s, self.m
        rng = stream(w.seed, "referrals/receivers", m.number)
        new["receiver"] = w.workforce.doctor(rng, np.maximum(new.target, 0), m)
        new["category"] = w.diseases.category[new.disease]
        new["event"] = s.diary.write("referral", new, _REFERRAL_COLUMNS)
        under_way = concat([*s.open_referrals, new])
        fresh = (
            np.arange(under_way.rows) >= under_way.rows - new.rows
        )  # told late when all of it is past already
        self.referrals = under_way.take(referrals.changed_in(under_way, m) | fresh)
        s.open_referrals = [under_way.take(~referrals.settled_by(under_way, m.end))]

    def _register(self, place: np.ndarray, person: np.ndarray) -> None:
        self._enter_register(np.column_stack([place, person]))

    def _enter_register(self, pairs: np.ndarray) -> None:
        self.entries.append(self.w.registers.register(self.m, pairs[:, 0], pairs[:, 1]))

    # -- orders and care ---------------------------------------------------------------------------------------

    def _orders_are_done(self) -> None:
        """Orders of the month, what is recognised instead, and the results that are reported in the month."""
        w, m, s = self.w, self.m, self.s
        ordered = orders.place_orders(w.seed, m, self.visits, self.new_stays, w.diseases, w.layout, w.people)
        done, prompts = [], []
        for kind, rows in zip(("lab", "exam"), ordered, strict=True):
            asked, kept = recognition.recognise(w.seed, m, kind, rows, w.layout, w.manners, w.people)
            prompts.append(asked)
            done.append(rows.take(kept))
        self.ordered_labs, self.ordered_exams = done
        s.labs_to_come.put(reports.perform_labs(w.seed, m, self.ordered_labs, w.layout))
        s.exams_to_come.put(
            reports.perform_exams(w.seed, m, self.ordered_exams, w.layout, w.equipment, w.manners)
        )
        s.prompts_to_come.put(concat(prompts))
        self.prompts = concat(s.prompts_to_come.collect(m.end))
        self.prompts = recognition.prepared(self.prompts, self.referrals, w.layout)
        self.prompts["place"], self.prompts["due"] = self.prompts.institution, self.prompts.apply
        self.labs = reports.numbered(m, concat(s.labs_to_come.collect(m.end)), w.layout)
        self.exams = reports.numbered(m, concat(s.exams_to_come.collect(m.end)), w.layout)
        self.prompts = reports.numbered(m, self.prompts, w.layout)
        self.exams["positive"] = reports.finds_something(self.exams.id)
        self._enter_reports()

    def _enter_reports(self) -> None:
        write = self.s.diary.write
        order = ("person", "institution", "place", "item", "apply")
        self.labs["event"] = write("lab", self.labs, (*order, "due", "id", "source", "number", "fen"))
        shown = ("modality", "exam", "due", "id", "emergency", "source", "number", "positive", "fen")
        self.exams["event"] = write("exam", self.exams, (*order, *shown))
        write("use", self.exams, ("machine", "exam", "minutes"))  # numbered like the examinations
        asked = ("person", "institution", "item", "labs", "apply", "accepted", "reason", "prior_place")
        self.prompts["event"] = write("recognition", self.prompts, asked)
        for rows in (self.labs, self.exams, self.prompts):
            self._register(rows.place, rows.person)

    def _records_are_mended(self) -> None:
        """Last month's records as corrected; the diary holds what is right from now on."""
        w, s = self.w, self.s
        self.mended = [
            stay_records.corrected(w.seed, self.m, rows, w.diseases, w.casebook) for rows in s.to_correct
        ]
        for rows in self.mended:
            rows["category"] = w.diseases.category[rows.disease]
            rows["department"] = department_table(w.diseases, w.layout)[rows.institution, rows.disease]
            s.diary.amend("stay", rows.event, rows, ("due", "category", "department"))
        wrong = self.discharged.take(self.discharged.corrected)
        s.to_correct = [wrong] if wrong.rows else []

    def _care_is_given(self) -> None:
        w, m = self.w, self.m
        for kind, rows in (("visits", self.visits), ("stays", self.discharged)):
            rows["expert"] = operations.experts(w.seed, m, kind, rows, w.layout, w.workforce)
        self.operations = operations.operations(w.seed, m, self.discharged, w.casebook)
        operations.with_team(w.seed, m, self.operations, self.discharged, w.workforce)
        done = Arrays({**self.operations, "stay": self.discharged.event[self.operations.row]})
        self.s.diary.write("operation", done, _OPERATION_COLUMNS)
        self._drugs_are_prescribed()
        self.follow_ups = follow_ups.follow_ups(
            w.seed, m, w.people, w.health, w.layout, w.workforce, w.culprits
        )
        self.contracts = public_health.contracts(w.seed, m, w.people, w.health, w.workforce)
        self.s.diary.write("contract", self.contracts, ("person", "second", "doctor"))
        seen = ("person", "day", "way", "systolic", "diastolic")
        self.follow_ups["event"] = self.s.diary.write("pressure", self.follow_ups, seen)

    def _drugs_are_prescribed(self) -> None:
        w, v, write = self.w, self.visits, self.s.diary.write
        papers, items = medicines.prescribe(w.seed, self.m, v, w.diseases, w.layout)
        for subject, rows, seen in (
            ("prescription", papers, ("visit", "kind")),
            ("prescription item", items, ("visit", "antibiotic", "route")),
        ):
            rows["visit"] = v.event[rows.row]
            rows["event"] = write(subject, rows, seen)
        self.prescriptions, self.items = papers, items

    # -- money and opinions ------------------------------------------------------------------------------------

    def _money_flows(self) -> None:
        w, m, s, v, gone = self.w, self.m, self.s, self.visits, self.discharged
        self.visit_lines = fees.visit_lines(
            w.seed, m, v, self.ordered_labs, self.ordered_exams, self.items, w.layout, w.people
        )
        lines = fees.stay_lines(w.seed, m, gone, w.diseases, w.layout, w.casebook)
        self.stay_lines = fees.charged_twice(w.seed, m, lines, gone, w.culprits["重复收费"])
        total = fees.totals(self.visit_lines, v.rows)
        of_visits = settlements.settle_visits(w.seed, m, v, total, w.diseases, w.people)
        amounts = fees.by_category(self.stay_lines, gone.rows)
        of_stays, halfway = settlements.settle_stays(m, gone, amounts, w.people, w.defects)
        rows, numbers = s.settlement_book.month(m, [of_visits, of_stays, halfway])
        paid = settlements.money(rows, w.people)
        rows["fund"], rows["pool"] = paid["fund_pay_sumamt"], paid["hifp_pay"]
        case = ("institution", "kind", "number", "person")
        rows["event"] = s.diary.write(
            "settlement", rows, (*case, "id", "original", "sign", "fen", "fund", "pool", "due")
        )
        self.settlements = rows
        self.charged = s.fee_book.enter(
            m,
            [
                (orders.VISIT, v, self.visit_lines, _placed(v.rows, of_visits.row, numbers[0])),
                (orders.STAY, gone, self.stay_lines, _placed(gone.rows, of_stays.row, numbers[1])),
            ],
        )
        s.fee_book.remember(self.charged, s.diary, w.people.is_test)
        for subject, rows in (
            ("income", fee_book.income(self.charged, w.layout)),
            ("purchase", medicines.bought(self.items, v, w.layout)),
        ):
            rows["due"] = np.full(rows.rows, m.start)
            s.diary.write(subject, rows, tuple(rows))
        s.beyond.happen(m, w.people, w.diseases)
        self.beyond = s.beyond.arrive(m)
        self.beyond["category"] = np.where(self.beyond.manual, -1, w.diseases.category[self.beyond.disease])
        outside = ("person", "category", "due", "id", "stay", "fen", "fund", "arrives")
        self.beyond["event"] = s.diary.write("beyond", self.beyond, outside)

    def _people_answer(self) -> None:
        """Expert slots are opened and booked, questionnaires answered."""
        w, m, write = self.w, self.m, self.s.diary.write
        self.slots = experience.slots(w.seed, m, w.people, w.layout, w.workforce)
        columns = ("place", "kind", "due", "channel", "released", "status", "department", "doctor")
        self.slots["event"] = write("slot", self.slots, columns)
        self.answers = self.s.surveys.month(m, self.visits, self.discharged, w.people)
        self.answers["event"] = write("survey", self.answers, ("place", "kind", "number", "tenths", "due"))


def _placed(size: int, rows: np.ndarray, values: np.ndarray) -> np.ndarray:
    """An array of -1 with `values` at `rows`."""
    result = np.full(size, -1, dtype=np.int64)
    result[rows] = values
    return result
