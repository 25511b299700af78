"""Every feed that only writes down what has happened, by the module that writes it.

Not here: feeds of those who make the events (written_at_once.py).
"""

from sources.simulator.afterwards import (
    books,
    counter,
    front_page,
    fund,
    governance,
    incidents,
    lifetimes,
    market,
    office,
    outreach,
    payment,
    results,
    settle_lists,
    uploads,
    ward,
)
from sources.simulator.ground.frames import Frame
from sources.simulator.state.happened import Happened

_ONE_EACH = (
    counter.registration_frame,
    counter.bill_frame,
    front_page.front_page_frame,
    ward.order_frame,
    ward.pathway_frame,
    ward.bed_frame,
    results.result_frame,
    results.critical_frame,
    results.reading_frame,
    incidents.adverse_frame,
    incidents.timepoint_frame,
    office.dispatch_frame,
    office.prescription_review_frame,
    office.record_review_frame,
    office.complaint_frame,
    uploads.upload_frame,
)
_SEVERAL_EACH = (
    books.frames,
    lifetimes.frames,
    outreach.frames,
    settle_lists.frames,
    payment.frames,
    fund.frames,
    governance.frames,
)


def frames(h: Happened) -> list[Frame]:
    """All of them."""
    services = office.remote_services(h)
    made = [office.remote_frame(h, services)]
    made += [write(h) for write in _ONE_EACH]
    made += [frame for write in _SEVERAL_EACH for frame in write(h)]
    return [*made, market.market_frame(h, services)]
