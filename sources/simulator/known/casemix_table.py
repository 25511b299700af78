"""truth/casemix_group.csv: every settlement list of a stay, the group it was made for, and what the insurer called it.

Counted from the diary: what was chosen when the stay was coded, never what a grouper finds. Not here: indicators (truth/).
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sources.simulator.afterwards.settle_lists import FORGOTTEN_WEIGHT, OUTSIDE_CAUSE, UNKNOWN_CODE
from sources.simulator.delivered.writing import csv_table
from sources.simulator.ground.diary import Diary
from sources.simulator.ground.keys import settlement_id
from sources.simulator.known.truth.casemix import settles_to_the_end
from sources.simulator.state.world import World

COLUMNS = (
    "settlement_id", "institution_id", "month", "is_last_list", "status", "reason", "mdc", "adrg", "drg", "delivered_drg",
    "delivered_wrongly", "was_sent_back", "is_upcoded",
)  # fmt: skip
_REASONS = {
    0: "no_group_in_mdc",
    OUTSIDE_CAUSE: "principal_diagnosis_in_no_mdc",
    UNKNOWN_CODE: "principal_diagnosis_unknown",
    FORGOTTEN_WEIGHT: "newborn_without_weight",
}


def write_casemix(directory: Path, world: World, diary: Diary) -> None:
    """Write the table."""
    (directory / "truth" / "casemix_group.csv").write_bytes(csv_table(COLUMNS, list(_rows(world, diary))))


def _rows(world: World, diary: Diary) -> Iterator[tuple]:
    book, codes = world.casebook, world.layout.code_list()
    cases, results = diary.read("casemix case"), diary.read("casemix result")
    told = {
        int(id_): (int(drg), bool(errs))
        for id_, drg, errs in zip(results.id, results.drg, results.errs, strict=True)
    }
    last = settles_to_the_end(cases)
    names = settlement_id(cases.id).to_pylist()
    months = cases.due.astype("datetime64[M]").astype(str)
    for row in np.argsort(cases.id):
        drg = int(cases.drg[row])
        adrg = book.adrg_of_drg[drg]
        grouped = ("grouped", "", book.mdcs[adrg], book.adrgs[adrg], book.drgs[drg])
        none = ("ungroupable", _REASONS[int(cases.fault[row])], "0000", "00", "0000")
        delivered, errs = told.get(int(cases.id[row]), (None, False))
        yield (
            names[row],
            codes[cases.place[row]],
            months[row],
            int(last[row]),
            *(none if drg < 0 else grouped),
            "" if delivered is None or delivered < 0 else book.drgs[delivered],
            int(errs),
            int(cases.back[row]),
            int(cases.upcoded[row]),
        )
