"""The key of a row as one short text, keyed with the county's secret: a quarantined row is known again when it comes corrected.

Where the key itself is at fault there is none. Not here: which rows are compared (intake.resolution).
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from sources.base.privacy import Pseudonymiser

_NAMESPACE = "row key|"


def row_keys(columns: Sequence[pa.Array | pa.ChunkedArray], pseudonyms: Pseudonymiser) -> pa.Array:
    """One text per row of these conformed key columns; null where a part of the key is."""
    parts = [pa.repeat(pa.scalar(_NAMESPACE), len(columns[0]))]
    for column in columns:
        text = column.cast(pa.string())
        parts += [pc.utf8_length(text).cast(pa.string()), text]
    joined = pc.binary_join_element_wise(*parts, ":")
    return pseudonyms.column(pa.chunked_array([joined]) if isinstance(joined, pa.Array) else joined)
