"""Patient registers: every institution numbers its patients itself, and gets some cards, names and dates wrong.

What is wrong about a card is decided when the person is registered (V09).
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.simulator.ground.arrays import running_number
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.frames import Frame, Note
from sources.simulator.ground.layout import Layout
from sources.simulator.ground.streams import stream
from sources.simulator.ground.text import either, from_bytes, identifier, join, null_where, pick
from sources.simulator.people import slips
from sources.simulator.people.id_card import first_generation
from sources.simulator.people.population import Residents

GOOD, EMPTY, NONE_TEXT, ONES, SCIENTIFIC, GUARDIAN, FIFTEEN, LOWER, SPACED, WIDE = range(10)
LINKING = (GOOD, FIFTEEN, LOWER, SPACED, WIDE)  # states in which the card still identifies the person
_NOTES = {
    EMPTY: ("", "harmless"), NONE_TEXT: ("ID_CARD_INVALID", "nulled"), ONES: ("ID_CARD_INVALID", "nulled"),
    SCIENTIFIC: ("ID_CARD_INVALID", "nulled"), GUARDIAN: ("ID_CARD_NOT_OWN", "nulled"), FIFTEEN: ("", "harmless"),
    LOWER: ("", "harmless"), SPACED: ("", "harmless"), WIDE: ("", "harmless"),
}  # fmt: skip
_WIDE = {c: c + 0xFEE0 for c in b"0123456789X"}
_MISHEARD, _EXCHANGED, _UNNAMED, _AGAIN = 0.02, 0.008, 0.7, 0.008
_FORMER_ADDRESS, _FORMER_PHONE = 0.4, 0.35  # of the records, those written before the last move or change
_SECOND_NUMBERS = 900_000_000  # local numbers of people registered a second time in the same place


@dataclass(frozen=True)
class Written:
    """A patient's particulars as a clerk wrote them down; notes count rows."""

    name: pa.Array
    birth: np.ndarray
    phone: pa.Array
    address: pa.Array
    notes: list[Note]


class Registers:
    """Who is registered where, under which number, with which kind of card."""

    def __init__(self, seed: int, people: Residents, layout: Layout, defects: bool, excel: np.ndarray):
        """`excel` marks institutions whose deliverer writes workbooks (where long numbers turn scientific)."""
        self.seed, self.people, self.layout, self.defects, self.excel = seed, people, layout, defects, excel
        size = len(people.birth)
        # local patient number, -1 = not registered
        self.number = np.full((layout.size, size), -1, dtype=np.int32)
        self.state = np.zeros((layout.size, size), dtype=np.int8)
        self.readable = LINKING
        self._next = np.ones(layout.size, dtype=np.int64)
        # (institution, person, second local number) of those registered twice
        self.again: list[np.ndarray] = []

    def register(self, month: CalendarMonth, institution: np.ndarray, person: np.ndarray) -> np.ndarray:
        """Register whoever is new; return the new entries as an (n, 2) array of institution and person."""
        pairs = np.unique(institution.astype(np.int64) * self.number.shape[1] + person)
        place, who = np.divmod(pairs, self.number.shape[1])
        fresh = self.number[place, who] < 0
        place, who = place[fresh], who[fresh]
        self.number[place, who] = self._next[place] + running_number(place, self.layout.size)
        self._next += np.bincount(place, minlength=self.layout.size)
        if self.defects:
            self.state[place, who] = self._states(month, place, who)
        return np.column_stack([place, who])

    def history(self) -> np.ndarray:
        """Entries from before the first month: part of the residents at their own clinic, township and hospitals."""
        rng = stream(self.seed, "registers/history")
        count = self.people.count
        everyone = np.arange(count)
        hospital = np.where(rng.random(count) < 0.6, self.layout.county[0], self.layout.county[1])
        parts = [(self.people.home, 0.35), (self.people.village, 0.3), (hospital, 0.3)]
        place, who = [], []
        for where, share in parts:
            chosen = everyone[rng.random(count) < share]
            place.append(where[chosen])
            who.append(chosen)
        return np.column_stack([np.concatenate(place), np.concatenate(who)])

    def _states(self, month: CalendarMonth, place: np.ndarray, who: np.ndarray) -> np.ndarray:
        rng = stream(self.seed, "defects/cards", month.number)
        people, size = self.people, len(place)
        insured = people.insured[who]
        point = rng.random(size)
        missing = np.array([EMPTY, EMPTY, NONE_TEXT, ONES])[rng.integers(0, 4, size)]
        last = people.id_matrix[who, 17] == ord("X")
        old = people.birth[who] < np.datetime64("1999-10-01")
        state = np.select(
            [
                insured & (point < 0.03),
                insured & (people.age[who] < 3) & (point < 0.35),
                insured & self.excel[place] & (point < 0.04),
                last & (point < 0.34),
                old & (point < 0.06),
                point < 0.065,
                point < 0.07,
            ],
            [missing, GUARDIAN, SCIENTIFIC, LOWER, FIFTEEN, SPACED, WIDE],
            GOOD,
        )
        return np.where(people.is_test[who], ONES, state).astype(np.int8)

    def registered(self) -> np.ndarray:
        """True for people whom some register knows."""
        return np.any(self.number >= 0, axis=0)

    def column(self, institution: np.ndarray, person: np.ndarray) -> pa.Array:
        """The patient_id column of events at `institution`."""
        return patient_id(self.number[institution, person])

    def frame(self, month: CalendarMonth, entries: np.ndarray) -> Frame:
        """his_patient rows of new register entries."""
        people = self.people
        twice = self._registered_again(month, entries)
        place, who = np.concatenate([entries, twice[:, :2]]).T
        number = np.concatenate([self.number[entries[:, 0], entries[:, 1]], twice[:, 2]])
        state = self.state[place, who]
        rng = stream(self.seed, "registers/frame", month.number)
        back = rng.integers(400, 2_500, len(who)) if month.number == 0 else np.zeros(len(who), np.int64)
        created = month.start - back * 86_400 + rng.integers(0, 27 * 86_400, len(who))
        written = self._written(month, who, state)
        test, take = people.is_test[who], pa.array(who)
        return Frame(
            "his_patient",
            len(who),
            self.layout.deliverer[place],
            {
                "org_code": pick(self.layout.codes, place),
                "patient_id": patient_id(number),
                "name": written.name,
                "id_type": "01",
                "id_no": self._cards(who, state),
                "gender": pick(["", "1", "2"], people.sex[who]),
                "birth_date": written.birth,
                "nation": "01",
                "phone": written.phone,
                "addr": written.address,
                "addr_div": people.division.take(take),
                "insu_no": people.insurance_no.take(take),
                "insutype": null_where(pick(["390", "310"], people.employee[who]), ~people.insured[who]),
                "ehr_no": null_where(people.ehr_no.take(take), test),
                "created_at": created,
                "src_update_ts": created,
            },
            notes=self._notes(state, test, np.arange(len(who)) >= len(entries), written.notes),
        )

    @staticmethod
    def _notes(state: np.ndarray, test: np.ndarray, second: np.ndarray, written: list[Note]) -> list[Note]:
        cards = [
            Note.where((state == kind) & ~test, "V34" if kind == SCIENTIFIC else "V09", rule, disposition)
            for kind, (rule, disposition) in _NOTES.items()
        ]
        marked = Note.where(test, "V11", "TEST_PATIENT", "marked")
        return [*cards, *written, marked, Note.where(second, "V30")]

    def _registered_again(self, month: CalendarMonth, entries: np.ndarray) -> np.ndarray:
        """Entries whose person gets a second number at another counter, as (institution, person, number)."""
        rng = stream(self.seed, "defects/second numbers", month.number)
        chosen = self.defects & (rng.random(len(entries)) < _AGAIN) & ~self.people.is_test[entries[:, 1]]
        rows = entries[chosen]
        serial = sum(len(earlier) for earlier in self.again) + np.arange(len(rows))
        twice = np.column_stack([rows, _SECOND_NUMBERS + serial])
        self.again.append(twice)
        return twice

    def _written(self, month: CalendarMonth, who: np.ndarray, state: np.ndarray) -> Written:
        """What the clerk writes down: former addresses and telephones always, slips only among the defects."""
        rng = stream(self.seed, "registers/written", month.number)
        people, size, take = self.people, len(who), pa.array(who)
        test = people.is_test[who]
        former = (rng.random(size) < _FORMER_ADDRESS) & ~test, (rng.random(size) < _FORMER_PHONE) & ~test
        address = either(former[0], people.former_address.take(take), people.address.take(take))
        phone = either(former[1], people.former_phone.take(take), people.phone.take(take))
        name, birth = people.name.take(take), people.birth[who]
        if not self.defects:
            return Written(name, birth, phone, address, [])
        name, wrong = slips.misheard(name, (rng.random(size) < _MISHEARD) & ~test)
        birth, swapped = slips.exchanged(birth, (rng.random(size) < _EXCHANGED) & ~test)
        newborn = (state == GUARDIAN) & (people.age[who] < 1) & (rng.random(size) < _UNNAMED)
        parent = pick(people.name, self.guardians(who))
        name = either(newborn, slips.unnamed(parent, people.sex[who]), name)
        name = either(rng.random(size) < 0.004, join(" ", name, "\u200b"), name)
        junk = rng.random(size) < 0.004
        notes = [
            Note(np.setdiff1d(wrong, np.flatnonzero(newborn)), "V09"),
            Note.where(newborn, "V09"),
            Note(swapped, "V09"),
            Note.where(junk, "V23", "DEFAULT_VALUE", "nulled"),
        ]
        phone, address = either(junk, "120", phone), either(junk, "中国", address)
        return Written(name, birth, phone, address, notes)

    def _cards(self, who: np.ndarray, state: np.ndarray) -> pa.Array:
        """The id_no column as registered."""
        text = pick(self.people.id_text, who)
        if not state.any():
            return text
        short = from_bytes(first_generation(self.people.id_matrix[who]))
        guardian = pick(self.people.id_text, self.guardians(who))
        chosen = zip(text.to_pylist(), state, strict=True)
        wide = pa.array([t.translate(_WIDE) if kind == WIDE else None for t, kind in chosen], pa.string())
        variants = [text, pa.scalar(""), pa.scalar("无"), pa.scalar("1" * 18), pa.scalar("3.40699E+17"), guardian, short,
                    pc.utf8_lower(text), join(" ", text, " "), wide]  # fmt: skip
        result = text
        for kind, variant in enumerate(variants):
            if kind and (state == kind).any():
                result = either(state == kind, variant, result)
        return result

    def guardians(self, who: np.ndarray) -> np.ndarray:
        """Someone grown up of the same household (the head: household members stand next to each other)."""
        return np.searchsorted(self.people.household[: self.people.count], self.people.household[who])


def patient_id(number: np.ndarray) -> pa.Array:
    """A register's own number of a patient; negative = null."""
    return identifier("", number, 9)
