"""One month: what happens, who writes it down, and the frames that come of it.

First everything happens (visits, stays, referrals and what they lead to, orders), then it is written down feed by
feed. The order matters where one thing needs another: a visit gets its number only when all visits are known.
"""

from dataclasses import replace

import numpy as np

from sources.simulator.ground.arrays import Arrays, concat
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame, stack
from sources.simulator.ground.streams import stream
from sources.simulator.happening import (
    experience,
    fees,
    medicines,
    orders,
    public_health,
    referrals,
    settlements,
    stays,
    visits,
)
from sources.simulator.month import written_afterwards
from sources.simulator.people.population import living
from sources.simulator.place import facilities, staff
from sources.simulator.state.carried import Carried
from sources.simulator.state.happened import Happened


class OneMonth:
    """The working state of one month: `w` the world, `s` what is carried over, `m` the month."""

    def __init__(self, carried: Carried, month: CalendarMonth):
        self.w, self.s, self.m = carried.world, carried, month
        self.last = month.number == len(self.w.months) - 1
        self.entries: list[np.ndarray] = []
        if month.number == 0:
            self._register(self.w.registers.history())

    def frames(self) -> dict[str, Frame]:
        self._people_come()
        self._orders_are_done()
        frames = {**self._encounter_frames(), **self._order_frames(), **self._referral_frames()}
        frames |= {**self._money_frames(), **self._experience_frames(), **self._standing_frames()}
        registered = np.concatenate(self.entries)
        frames["his_patient"] = self.w.registers.frame(self.m, registered)
        return frames | written_afterwards.frames(self._happened())

    def _happened(self) -> Happened:
        return Happened(
            world=self.w,
            month=self.m,
            visits=self.visits,
            begun=self.new_stays.take(self.new_stays.status != stays.CANCELLED),
            present=self.present,
            discharged=self.discharged,
            operations=self.operations,
            labs=self.lab_results,
            exams=self.exam_results,
            prescriptions=self.prescriptions,
            items=self.items,
            visit_lines=self.visit_lines,
            stay_lines=self.stay_lines,
            charged=self.s.fee_book.charged,
            settlements=self.settlements,
        )

    # -- what happens ------------------------------------------------------------------------------------------

    def _people_come(self) -> None:
        """Visits, stays, referrals and their consequences, until all visits of the month are known."""
        w, m, s = self.w, self.m, self.s
        first = [visits.ordinary_visits(w.seed, m, w.people, w.diseases, w.layout)]
        called = s.visits_to_come.collect(m.end)
        first += [called] if called is not None else []
        first += [visits.test_visits(w.seed, m, w.people, w.diseases, w.layout)] if w.defects else []
        came = self._of_the_living(concat(first), "due")
        habits = referrals.rushed(w.habits, m, w.months, w.culprits["年末突击"])
        ups = referrals.up_referrals(w.seed, m, came, w.people, w.diseases, w.layout, habits)
        ups["number"] = m.id_base + 1 + np.arange(ups.rows)
        more = self._consequences(ups)
        self._stays_happen()
        downs = referrals.down_referrals(w.seed, m, self.discharged, w.people, w.diseases, w.layout, w.habits)
        downs["number"] = m.id_base + 1 + ups.rows + np.arange(downs.rows)
        more += self._consequences(downs)
        self.discharged["leaving"][downs.source] = 3
        self.visits = visits.finish(w.seed, m, [came, *more], w.diseases, w.layout, w.workforce, w.defects)
        self._enter_visits()
        row = np.empty(came.rows, np.int64)
        here = np.flatnonzero(self.visits.origin == 0)
        row[self.visits.within[here]] = here
        ups["source_number"], ups["doctor"] = (
            self.visits.number[row[ups.source]],
            self.visits.doctor[row[ups.source]],
        )
        downs["source_number"] = self.discharged.number[downs.source]
        self._enter_referrals(concat([ups, downs]))

    def _consequences(self, sent: Arrays) -> list[Arrays]:
        """Arrivals and returns of new referrals: this month's visits are returned, everything else is put aside."""
        w, m, s = self.w, self.m, self.s
        coming, admitted, outside = referrals.arrivals(
            w.seed, m, sent, w.people, w.diseases, w.layout, w.habits
        )
        coming = [self._of_the_living(rows, "due") for rows in coming]
        for rows in coming:
            s.visits_to_come.put(rows.take(rows.due >= m.end))
        for rows in admitted:
            s.stays_to_come.put(rows)
        s.beyond.call(outside)
        s.visits_to_come.put(referrals.ping_pong(w.seed, m, sent, w.diseases, w.culprits["乒乓转诊"]))
        return [rows.take(rows.due < m.end) for rows in coming]

    def _of_the_living(self, rows: Arrays, by: str) -> Arrays:
        return rows.take(living(self.w.people, rows.person, rows[by]))

    def _stays_happen(self) -> None:
        w, m, s = self.w, self.m, self.s
        begun = [stays.ordinary_stays(w.seed, m, w.people, w.diseases, w.layout)]
        called = s.stays_to_come.collect(m.end)
        begun += [called] if called is not None else []
        begun = [self._of_the_living(rows, "due") for rows in begun]
        begun.append(stays.last_stays(w.seed, m, w.people, w.diseases, w.layout))
        self.new_stays = s.enter_stays(stays.finish(w.seed, m, concat(begun), w.layout, w.workforce))
        present = concat([s.open_stays, self.new_stays])
        self.present = present.take(present.status != stays.CANCELLED)
        leaves = (present.due < m.end) & (present.status != stays.CANCELLED)
        self.discharged = present.take(leaves)
        s.open_stays = present.take(~leaves & (present.status != stays.CANCELLED))
        s.stays_to_come.put(stays.split_stays(w.seed, m, self.discharged, w.diseases, w.culprits["分解住院"]))
        self.discharged["corrected"] = np.zeros(self.discharged.rows, bool)
        if w.defects and not self.last:
            self.discharged["corrected"][stays.choose_corrections(w.seed, m, self.discharged)] = True

    def _enter_visits(self) -> None:
        v, w = self.visits, self.w
        v["category"] = np.where(v.coded, w.diseases.category[v.recorded], -1)
        columns = ("person", "institution", "due", "category", "kind", "first", "status", "number")
        v["event"] = self.s.diary.write("visit", v, columns)
        self._register(np.column_stack([v.institution, v.person]))
        self._register(np.column_stack([self.new_stays.institution, self.new_stays.person]))
        self._register(np.column_stack([self.discharged.institution, self.discharged.person]))

    def _enter_referrals(self, new: Arrays) -> None:
        w, s, m = self.w, self.s, self.m
        rng = stream(w.seed, "referrals/receivers", m.number)
        new["receiver"] = w.workforce.doctor(rng, np.maximum(new.target, 0), m)
        new["category"] = w.diseases.category[new.disease]
        new["event"] = s.diary.write(
            "referral", new, ("direction", "sender", "target", "person", "category", "arrive")
        )
        under_way = new if s.open_referrals is None else concat([s.open_referrals, new])
        fresh = (
            np.arange(under_way.rows) >= under_way.rows - new.rows
        )  # told late when all of it is past already
        self.referrals = under_way.take(referrals.changed_in(under_way, m) | fresh)
        s.open_referrals = under_way.take(~referrals.settled_by(under_way, m.end))

    def _orders_are_done(self) -> None:
        """Orders of the month, what is recognised instead, and the results that are reported in the month."""
        w, m, s = self.w, self.m, self.s
        self.labs, self.exams = orders.place_orders(
            w.seed, m, self.visits, self.new_stays, w.diseases, w.layout, w.people
        )
        prompts = []
        for kind, rows in (("lab", self.labs), ("exam", self.exams)):
            asked, kept = orders.recognise(w.seed, m, kind, rows, w.layout, w.manners, w.people)
            prompts.append(asked)
            done = rows.take(kept)
            if kind == "lab":
                self.labs = done
                s.labs_to_come.put(orders.perform_labs(w.seed, m, done.take(np.arange(done.rows)), w.layout))
            else:
                self.exams = done
                s.exams_to_come.put(
                    orders.perform_exams(
                        w.seed, m, done.take(np.arange(done.rows)), w.layout, w.equipment, w.manners
                    )
                )
        s.prompts_to_come.put(concat(prompts))
        self.prompts = s.prompts_to_come.collect(m.end)
        self.prompts["place"], self.prompts["due"] = self.prompts.institution, self.prompts.apply
        self.lab_results, self.exam_results = s.labs_to_come.collect(m.end), s.exams_to_come.collect(m.end)
        for rows in (self.lab_results, self.exam_results, self.prompts):
            orders.number_by_deliverer(m, rows, w.layout)
            self._register(np.column_stack([rows.place, rows.person]))

    def _register(self, pairs: np.ndarray) -> None:
        self.entries.append(self.w.registers.register(self.m, pairs[:, 0], pairs[:, 1]))

    # -- what is written down ----------------------------------------------------------------------------------

    def _encounter_frames(self) -> dict[str, Frame]:
        w, m, s = self.w, self.m, self.s
        v, gone = self.visits, self.discharged
        begun = self.new_stays.take(
            (self.new_stays.due >= m.end) | (self.new_stays.status == stays.CANCELLED)
        )
        begun["corrected"] = np.zeros(begun.rows, bool)
        told = concat([gone, begun])
        stay = [
            stays.stay_frame(
                m, told, w.people, w.diseases, w.layout, w.registers.column(told.institution, told.person)
            )
        ]
        record = [stays.record_diagnosis_frame(gone, w.diseases, w.layout, gone.due + 7_200, w.defects)]
        if s.to_correct is not None:
            self._correct(stay, record)
        s.to_correct = gone.take(gone.corrected) if gone.corrected.any() else None
        patient = w.registers.column(v.institution, v.person)
        self.operations = stays.operations(w.seed, m, gone, w.diseases, w.layout)
        self.prescriptions, self.items = medicines.prescribe(w.seed, m, v, w.diseases, w.layout)
        return {
            "his_op_visit": visits.visit_frame(m, v, w.people, w.diseases, w.layout, patient),
            "his_op_diag": visits.diagnosis_frame(v, w.people, w.diseases, w.layout),
            "his_rx": medicines.prescription_frame(self.prescriptions, v, w.layout),
            "his_rx_item": medicines.item_frame(self.items, self.prescriptions, v, w.layout),
            "his_ip_stay": stack(stay),
            "his_mr_diag": stack(record),
            "his_mr_oper": stays.operation_frame(self.operations, gone, w.layout),
        }

    def _correct(self, stay: list[Frame], record: list[Frame]) -> None:
        """Deliver the mended versions of last month's records; the diary holds what is right from now on."""
        w, m = self.w, self.m
        mended = stays.corrected(w.seed, m, self.s.to_correct, w.diseases)
        mended["category"] = w.diseases.category[mended.disease]
        self.s.diary.amend("stay", mended.event, mended, ("due", "category"))
        patient = w.registers.column(mended.institution, mended.person)
        for frames, frame in zip(
            (stay, record),
            stays.correction_frames(m, mended, w.people, w.diseases, w.layout, patient),
            strict=True,
        ):
            frames.append(frame)

    def _order_frames(self) -> dict[str, Frame]:
        w, s = self.w, self.s
        labs, exams, prompts = self.lab_results, self.exam_results, self.prompts
        labs["event"] = s.diary.write(
            "lab", labs, ("person", "institution", "place", "item", "apply", "due", "id")
        )
        exams["event"] = s.diary.write(
            "exam",
            exams,
            (
                "person",
                "institution",
                "place",
                "item",
                "modality",
                "apply",
                "exam",
                "id",
                "emergency",
                "source",
                "number",
            ),
        )
        s.diary.write("use", exams, ("machine", "exam", "minutes"))  # numbered like the examinations
        columns = ("person", "institution", "item", "labs", "apply", "accepted", "reason")
        prompts["event"] = s.diary.write("recognition", prompts, columns)
        return {
            "his_lab_report": orders.lab_frame(labs, w.layout, w.registers),
            "his_exam_report": orders.exam_frame(exams, w.layout, w.registers),
            "his_equipment_use": orders.use_frame(exams, w.equipment, w.layout),
            "his_recognition": orders.recognition_frame(prompts, w.layout, w.registers),
        }

    def _referral_frames(self) -> dict[str, Frame]:
        w, r = self.w, self.referrals
        patient = w.registers.column(r.sender, r.person)
        frame = referrals.referral_frame(self.m, r, w.diseases, w.layout, patient)
        marks = referrals.marks(self.m, w.months, r, w.culprits["年末突击"])
        return {"his_referral": replace(frame, marks=marks)}

    def _money_frames(self) -> dict[str, Frame]:
        w, m, s, v, gone = self.w, self.m, self.s, self.visits, self.discharged
        visit_lines = fees.visit_lines(
            w.seed, m, v, self.labs, self.exams, self.items, w.diseases, w.layout, w.people
        )
        stay_lines = fees.stay_lines(w.seed, m, gone, w.diseases, w.layout)
        stay_lines = fees.charged_twice(w.seed, m, stay_lines, gone, w.culprits["重复收费"])
        settled_visits = settlements.settle_visits(
            w.seed, m, v, fees.totals(visit_lines, v.rows), w.diseases, w.people
        )
        amounts = fees.by_category(stay_lines, gone.rows)
        settled_stays, halfway = settlements.settle_stays(m, gone, amounts, w.people, w.defects)
        rows, (of_visits, of_stays, _) = s.settlement_book.month(m, [settled_visits, settled_stays, halfway])
        rows["event"] = s.diary.write("settlement", rows, ("institution", "kind", "sign", "fen", "due"))
        detail = s.fee_book.frame(
            m,
            [
                (orders.VISIT, v, visit_lines, _spread(v.rows, settled_visits.row, of_visits)),
                (orders.STAY, gone, stay_lines, _spread(gone.rows, settled_stays.row, of_stays)),
            ],
        )
        self.visit_lines, self.stay_lines, self.settlements = visit_lines, stay_lines, rows
        s.beyond.happen(m, w.people, w.diseases)
        outside = s.beyond.arrive(m)
        outside["category"] = np.where(outside.manual, -1, w.diseases.category[outside.disease])
        outside["event"] = s.diary.write("beyond", outside, ("person", "category", "due", "id"))
        return {
            "his_fee_detail": detail,
            "si_settlement": settlements.settlement_frame(rows, w.people, w.layout),
            "si_out_of_county": settlements.beyond_frame(outside, w.people, w.diseases),
            "si_insured": settlements.insured_frame(w.seed, m, w.people, w.layout),
        }

    def _experience_frames(self) -> dict[str, Frame]:
        w, m, s = self.w, self.m, self.s
        slots = experience.slots(w.seed, m, w.people, w.layout, w.workforce)
        slots["event"] = s.diary.write(
            "slot", slots, ("place", "kind", "due", "channel", "released", "status")
        )
        answers = s.surveys.month(m, self.visits, self.discharged, w.people)
        answers["event"] = s.diary.write("survey", answers, ("place", "kind", "tenths", "due"))
        return {
            "his_slot": experience.slot_frame(slots, w.layout),
            "his_satisfaction": experience.survey_frame(answers, w.layout),
        }

    def _standing_frames(self) -> dict[str, Frame]:
        """Lists and the public-health platform."""
        w, m = self.w, self.m
        return {
            "his_org": facilities.institution_frame(w.layout),
            "his_dept": staff.department_frame(w.layout),
            "his_staff": staff.staff_frame(w.workforce, w.layout, m),
            "his_staff_assignment": staff.posting_frame(w.workforce, w.layout, m),
            "his_training": staff.training_frame(w.workforce, w.layout, m),
            "his_equipment": facilities.equipment_frame(w.equipment, w.layout),
            "ph_ehr": public_health.record_frame(w.seed, m, w.people, w.health, w.layout),
            "ph_contract": public_health.contract_frame(w.seed, m, w.people, w.health, w.layout, w.workforce),
            "ph_chronic_enrol": public_health.enrolment_frame(m, w.people, w.health, w.layout),
            "ph_followup_htn": public_health.follow_up_frame(
                w.seed, m, w.people, w.health, w.layout, w.workforce, w.culprits
            ),
        }


def _spread(size: int, rows: np.ndarray, values: np.ndarray) -> np.ndarray:
    """An array of -1 with `values` at `rows`."""
    result = np.full(size, -1, dtype=np.int64)
    result[rows] = values
    return result
