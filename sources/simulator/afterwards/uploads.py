"""Fee lines as the hospitals sent them to the bureau (2301): those of settled stays and of chronic outpatients.

`feedetl_sn` is the institution's number in front of the hospital's own fee_id, so that a line can be found in both.
"""

import numpy as np
import pyarrow as pa

from sources.simulator.ground.frames import Frame
from sources.simulator.ground.text import identifier, null_where, pick, scaled
from sources.simulator.happening import fees
from sources.simulator.happening.orders import STAY
from sources.simulator.happening.visits import visit_key
from sources.simulator.place.staff import doctor_code
from sources.simulator.state.happened import Happened


def upload_frame(h: Happened) -> Frame:
    """si_fee_detail. Refunded lines are taken off together with their reversal, as a withdrawn upload is."""
    chronic = h.settlements.id[h.settlements.med == 14]
    sent = (h.charged.source == STAY) | np.isin(h.charged.settlement, chronic)
    lines = h.charged.take(sent & (h.charged.settlement >= 0) & (h.charged.state == 1))
    stay = pa.array(lines.source == STAY)
    own = lines.item == fees.SELF_PAID
    return Frame(
        "si_fee_detail",
        lines.rows,
        np.full(lines.rows, -1),
        {
            "feedetl_sn": identifier("F", (lines.institution + 10) * 10**12 + lines.id, 14),
            "mdtrt_id": pa.compute.if_else(
                stay,
                visit_key("340600Z", lines.institution, lines.number),
                visit_key("340600G", lines.institution, lines.number),
            ),
            "setl_id": identifier("340600S", lines.settlement, 12),
            "fee_ocur_time": lines.time,
            "med_list_codg": fees.item_column(lines.item, 1),
            "medins_list_codg": fees.local_code(lines, h.layout),
            "cnt": scaled(lines.quantity * 10_000, 4),
            "pric": scaled(lines.price * 10_000, 6),
            "det_item_fee_sumamt": lines.quantity * lines.price,
            "chrgitm_lv": pick(["01", "02", "03"], np.where(own, 2, lines.item % 2)),
            "selfpay_prop": pick(["0.0000", "0.1000", "1.0000"], np.where(own, 2, lines.item % 2)),
            "bilg_dr_codg": doctor_code(lines.doctor),
            "bilg_dept_codg": pick(["A03", "A04", "A05", "A07"], lines.item % 4),
            "rx_drord_no": null_where(identifier("CF", lines.number, 10), np.asarray(lines.source == STAY)),
        },
    )
