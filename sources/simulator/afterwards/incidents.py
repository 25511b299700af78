"""What goes wrong in a hospital and how fast it acts: adverse events, time points of chest pain and stroke.

Not here: the stays themselves (happening/stays.py).
"""

import numpy as np

from sources.simulator.ground.arrays import Arrays
from sources.simulator.ground.frames import Frame, Note
from sources.simulator.ground.keys import stay_id
from sources.simulator.ground.text import identifier, pick
from sources.simulator.state.happened import Happened

_URGENT = {"I20.000": "STEMI", "I63.900": "STROKE"}
_CLOCKS_APART = 0.03  # cases in which two clocks disagree and a later step seems to come first (V37)


def adverse_frame(h: Happened) -> Frame:
    """his_adverse_event of stays discharged in the month."""
    rng = h.rng("adverse events")
    stays = h.discharged.take(rng.random(h.discharged.rows) < 0.012)
    occurred = np.minimum(stays.admit.astype("datetime64[D]") + 1, stays.due.astype("datetime64[D]"))
    hours = rng.integers(20, 90, stays.rows)
    happened = Arrays(place=stays.institution, day=occurred, hours=hours)
    h.diary.write("adverse event", happened, ("place", "day", "hours"))
    kinds = ["01", "02", "03", "04", "05", "06", "09"]
    return Frame(
        "his_adverse_event",
        stays.rows,
        h.layout.deliverer[stays.institution],
        {
            "ae_id": identifier("AE", stays.number, 10),
            "org_code": pick(h.layout.codes, stays.institution),
            "visit_id": stay_id(stays.number),
            "ae_type": pick(kinds, rng.choice(7, stays.rows, p=[0.3, 0.22, 0.14, 0.14, 0.08, 0.02, 0.1])),
            "occur_date": occurred,
            "severity": pick(["1", "2", "3", "4"], rng.choice(4, stays.rows, p=[0.02, 0.13, 0.45, 0.4])),
            "reported_at": occurred.astype("datetime64[s]") + hours * 3_600,
        },
    )


def timepoint_frame(h: Happened) -> Frame:
    """his_timepoint: emergencies that began near home, told by the hospital that ended them."""
    rng, begun = h.rng("time points"), h.begun
    urgent = h.world.diseases.numbers(_URGENT).tolist()
    chosen = np.isin(begun.disease, urgent) & h.layout.is_county[begun.institution] & (begun.number % 4 == 0)
    stays = begun.take(chosen)
    size = stays.rows
    door = stays.admit - 900
    contact = door - rng.integers(30, 120, size) * 60
    transferred = rng.random(size) < 0.6
    apart = h.world.defects & (rng.random(size) < _CLOCKS_APART)
    apart |= h.world.defects & (np.arange(size) == 0)
    ecg = contact + np.where(apart, -180, rng.integers(3, 15, size) * 60)
    first = np.where(transferred, h.people.home[stays.person], stays.institution)
    nothing = np.datetime64("NaT")
    balloon = np.where(rng.random(size) < 0.7, door + rng.integers(45, 130, size) * 60, nothing)
    heart = stays.disease == urgent[0]
    saved = Arrays(
        place=stays.institution, contact=contact, minutes=(balloon - door).astype(np.int64) // 60
    ).take(heart & ~np.isnat(balloon))
    h.diary.write("infarction", saved, ("place", "contact", "minutes"))
    return Frame(
        "his_timepoint",
        size,
        h.layout.deliverer[stays.institution],
        {
            "tp_id": identifier("XT", stays.number, 10),
            "disease": pick(
                [*_URGENT.values()], np.array([urgent.index(d) for d in stays.disease], np.int64)
            ),
            "first_contact_org": pick(h.layout.codes, first),
            "onset_time": contact - rng.integers(20, 300, size) * 60,
            "fmc_time": contact,
            "ecg_time": ecg,
            "transfer_out_time": np.where(transferred, contact + 20 * 60, nothing),
            "door_time": door,
            "balloon_time": balloon,
        },
        notes=[Note.where(apart, "V37")],
    )
