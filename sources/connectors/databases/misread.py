"""Chinese text that a database declares as Western European and therefore tells wrongly: 高血压 arrives as ¸ßÑªÑ¹ (V04).

Old systems keep GBK bytes in latin1 columns. What comes is valid text, so nobody else would notice. Not here: decoding
it rightly (the server's module, when the county states the encoding).
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from sources.connectors.databases.failures import DatabaseError, Kind

# Latin letters of this kind begin with one of two bytes in UTF-8 that no Chinese character has.
_FIRST_BYTES = (b"\xc2", b"\xc3")
_RUN = re.compile("[\u00a1-\u00ff]{4,}")
_HAN = re.compile("[\u4e00-\u9fff]")
# So many different cells of a column prove it; one may be a foreign name.
_PROOF = 3
_DIFFERENT_LETTERS = 3


def refuse_misread(rows: pa.Table) -> None:
    """Raise DatabaseError when a column's text is Chinese read in a Western encoding."""
    for name in rows.column_names:
        column = rows.column(name)
        if any(_may_be_misread(chunk) for chunk in column.chunks):
            suspects = column.filter(pc.fill_null(pc.match_substring_regex(column, _RUN.pattern), False))
            if sum(_is_misread(text) for text in pc.unique(suspects).to_pylist()) >= _PROOF:
                raise DatabaseError(Kind.ENCODING, subject=name)


def _may_be_misread(chunk: pa.Array) -> bool:
    data = chunk.buffers()[2]
    if data is None:
        return False
    text = data.to_pybytes()
    return any(byte in text for byte in _FIRST_BYTES)


def _is_misread(text: str) -> bool:
    """Whether a run of Latin letters is Chinese once its bytes are read as GB18030 (×××× is none)."""
    for run in _RUN.findall(text):
        try:
            chinese = run.encode("latin-1").decode("gb18030")
        except UnicodeDecodeError:
            continue
        if len(set(run)) >= _DIFFERENT_LETTERS and _HAN.search(chinese):
            return True
    return False
