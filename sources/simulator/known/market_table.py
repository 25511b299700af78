"""truth/market_net.csv: what every institution provided and consumed on the internal market, month by month.

Not here: what counts as a service, and what it costs (truth/internal_market.py).
"""

from sources.simulator.delivered.writing import csv_table
from sources.simulator.known.truth.arrived import Arrived
from sources.simulator.known.truth.internal_market import accounts

COLUMNS = (
    "month", "institution_id", "provided_fen", "consumed_fen", "net_fen", "disputed_fen", "unconfirmed_fen",
)  # fmt: skip


def as_csv(arrived: Arrived) -> bytes:
    """The file's bytes, sorted."""
    codes = arrived.layout.code_list()
    rows = [
        (
            month, codes[place], a.provided, a.consumed, a.provided - a.consumed, a.disputed, a.unconfirmed,
        )
        for (month, place), a in accounts(arrived).items()
    ]  # fmt: skip
    return csv_table(COLUMNS, sorted(rows))
