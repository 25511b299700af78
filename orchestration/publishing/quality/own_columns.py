"""What a deliverer itself calls a column: the headers its mapping reads, so that whoever mends finds the column in his system.

Not here: which columns are at fault (content).
"""

from __future__ import annotations

from sources.contracts.load import load_contracts
from sources.county.county import County


class OwnColumns:
    """Names of the columns of one deliverer's feeds, in Chinese and as its own files or tables write them."""

    def __init__(self, county: County, deliverer: str) -> None:
        self._mappings = county.mappings_of(deliverer)

    def headers(self, feed: str, column: str) -> str:
        """The deliverer's headers of a contract column, empty when no mapping reads it."""
        found = [
            header
            for mapping in self._mappings
            if feed in mapping.mapping.feeds
            for header in mapping.plan(feed).headers_of(column)
        ]
        return "、".join(dict.fromkeys(found))

    @staticmethod
    def name(feed: str, column: str) -> str:
        """The column's Chinese name in the contract, empty for what is no column of it."""
        contract = load_contracts().get(feed)
        known = contract.columns_by_name.get(column) if contract else None
        return known.business_name if known else ""
