"""Fee lines as the hospitals sent them to the bureau (2301): those of settled stays and of chronic outpatients.

`feedetl_sn` is the institution's number in front of the hospital's own fee_id, so that a line can be found in both.
"""

import numpy as np

from sources.simulator.ground.frames import Frame, platform_frame
from sources.simulator.ground.keys import doctor_code, insured_encounter_id, prescription_no, settlement_id
from sources.simulator.ground.text import identifier, null_where, pick, scaled
from sources.simulator.happening.fee_book import CHARGED
from sources.simulator.happening.fee_items import SELF_PAID, item_column, local_code, paid_by_patients
from sources.simulator.happening.orders import STAY
from sources.simulator.state.happened import Happened


def upload_frame(h: Happened) -> Frame:
    """si_fee_detail. Refunded lines are taken off together with their reversal, as a withdrawn upload is."""
    chronic = h.settlements.id[h.settlements.med == 14]
    sent = (h.charged.source == STAY) | np.isin(h.charged.settlement, chronic)
    lines = h.charged.take(sent & (h.charged.settlement >= 0) & (h.charged.state == CHARGED))
    stay = lines.source == STAY
    columns = {
        "feedetl_sn": identifier("F", (lines.institution + 10) * 10**12 + lines.id, 14),
        "mdtrt_id": insured_encounter_id(stay, lines.institution, lines.number),
        "setl_id": settlement_id(lines.settlement),
        "fee_ocur_time": lines.time,
        "med_list_codg": item_column(lines.item, 1),
        "medins_list_codg": local_code(lines, h.layout),
        "cnt": scaled(lines.quantity * 10_000, 4),
        "pric": scaled(lines.price * 10_000, 6),
        "det_item_fee_sumamt": lines.quantity * lines.price,
        "chrgitm_lv": pick(["01", "02", "03"], np.where(lines.item == SELF_PAID, 2, lines.item % 2)),
        "selfpay_prop": paid_by_patients(lines.item),
        "bilg_dr_codg": doctor_code(lines.doctor),
        "bilg_dept_codg": pick(["A03", "A04", "A05", "A07"], lines.item % 4),
        "rx_drord_no": null_where(prescription_no(lines.number), stay),
    }
    return platform_frame("si_fee_detail", lines.rows, columns)
