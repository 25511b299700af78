"""What stands in the columns of a sample: shares of what can be read as what, shapes, frequent codes. Nothing personal.

Here: looking. Not here: concluding (suggest), or showing (the command line).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from sources.base.engine import cursor
from sources.base.privacy import mask
from sources.conforming import values
from sources.conforming.texts import clean
from sources.mappings.mapping import DEFAULT_NULL_VALUES

_LOOKED_AT = 2000
_SHOWN = 12
# Texts at the length where a field ends are so many times those one character shorter; without an end they thin out.
_PILE = 2
_KINDS = {
    "date": f"{values.timestamp('text')} is not null and not regexp_full_match(text, '[0-9]{{1,7}}(\\.[0-9]+)?')",
    "serial": "try_cast(text as double) between 20000 and 80000",
    "clock": "regexp_matches(text, '[0-9][ T][0-9]{1,2}:[0-9]{2}|^[0-9]{14}$|时')",
    "number": f"{values.decimal('text', 'DECIMAL(24, 6)')} is not null",
    "whole": "regexp_full_match(text, '[+-]?[0-9]{1,18}')",
    "hour": "regexp_full_match(text, '([01]?[0-9]|2[0-3])')",
    "id_card": "regexp_full_match(text, '[1-9][0-9]{16}[0-9Xx]|[1-9][0-9]{14}')",
    "phone": "regexp_full_match(text, '1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}')",
    "person": "regexp_full_match(text, '[\\p{Han}·]{2,4}')",
    "chinese": "regexp_matches(text, '\\p{Han}')",
    "icd": "regexp_full_match(text, '[A-Z][0-9]{2}([.][0-9A-Za-z+*]*)?([x+*][0-9x]*)?')",
    "procedure": "regexp_full_match(text, '[0-9]{2}[.][0-9]{1,4}[A-Za-z0-9x]*')",
    "institution": "regexp_full_match(text, 'H[0-9]{11}')",
    "pair": "regexp_full_match(text, '[0-9]{2,3} *[/,、] *[0-9]{2,3}')",
}


@dataclass(frozen=True)
class ColumnProfile:
    """One delivered column: how much is filled, how many differ, shares (0–1) by kind, frequent shapes and values.

    `top` holds delivered values with their counts: for use inside this room only, `shapes` may be shown to anybody.
    """

    header: str
    rows: int
    filled: int
    distinct: int
    longest: int
    shares: dict[str, float]
    shapes: tuple[tuple[str, int], ...]
    top: tuple[tuple[str, int], ...] = field(repr=False)

    def share(self, kind: str) -> float:
        return self.shares.get(kind, 0.0)

    def mask_of(self, value: str) -> str:
        """Only the shape of one of its values."""
        return str(mask(pa.array([value]))[0].as_py())

    @property
    def seems_cut_off(self) -> bool:
        """Whether many different texts end at one length, unlike those shorter by one, and in the middle of words: the
        source's field ends there (V36). Never of dates, numbers, or codes that are all of one length.
        """
        texts = [value for value, _ in self.top]
        at_the_end = [value for value in texts if len(value) == self.longest]
        just_before = sum(len(value) == self.longest - 1 for value in texts)
        last = Counter(value[-1] for value in at_the_end).most_common(1)
        is_data = max(map(self.share, ("date", "number", "id_card", "phone", "icd", "procedure"))) > 0.5
        piled_up = len(at_the_end) >= 5 and len(at_the_end) * 10 > len(texts) > len(at_the_end)
        return (
            not is_data and self.longest >= 8 and piled_up
            and len(at_the_end) > _PILE * just_before and 2 * last[0][1] <= len(at_the_end)
        )  # fmt: skip

    @property
    def looks_personal(self) -> bool:
        """Whether its values may be names, numbers or free text of a person, so that none may be shown."""
        if max(self.share("id_card"), self.share("phone")) > 0.02:
            return True
        return self.distinct > max(_SHOWN, self.filled // 20)


def profile_columns(rows: pa.Table, headers: list[str]) -> dict[str, ColumnProfile]:
    """{header: profile} of the given columns."""
    counted = {header: _counted(rows.column(header)) for header in headers}
    shares = _shares({header: texts for header, (_, texts, _) in counted.items() if texts})
    return {
        header: _profile(header, rows.num_rows, *counted[header], shares.get(header, {}))
        for header in headers
    }


def _counted(column: pa.ChunkedArray) -> tuple[int, list[tuple[str, int]], int]:
    """Filled cells, [(text, count)] of the most frequent texts, and how many texts differ."""
    text = clean(column, False, ("", *DEFAULT_NULL_VALUES)).drop_null()
    counts = pc.value_counts(text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text)
    pairs = sorted(((c["values"], c["counts"]) for c in counts.to_pylist()), key=lambda p: (-p[1], p[0]))
    return len(text), pairs[:_LOOKED_AT], len(pairs)


def _shares(columns: dict[str, list[tuple[str, int]]]) -> dict[str, dict[str, float]]:
    """{header: {kind: share of the texts looked at}}, in one statement over all columns."""
    header, text, n = [], [], []
    for name, pairs in columns.items():
        header += [name] * len(pairs)
        text += [value for value, _ in pairs]
        n += [count for _, count in pairs]
    if not header:
        return {}
    kinds = ", ".join(f"sum(n) filter ({test}) / sum(n) as {kind}" for kind, test in _KINDS.items())
    with cursor() as connection:
        connection.register("cells", pa.table({"header": header, "text": text, "n": n}))
        found = connection.execute(f"select header, {kinds} from cells group by header").to_arrow_table()
    return {row.pop("header"): {k: float(v or 0) for k, v in row.items()} for row in found.to_pylist()}


def _profile(
    header: str, rows: int, filled: int, pairs: list[tuple[str, int]], distinct: int, shares: dict[str, float]
) -> ColumnProfile:
    shapes: dict[str, int] = {}
    masked = mask(pa.array([value for value, _ in pairs], pa.string())).to_pylist()
    for shape, (_, count) in zip(masked, pairs, strict=True):
        shapes[shape] = shapes.get(shape, 0) + count
    frequent = sorted(shapes.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
    longest = max((len(value) for value, _ in pairs), default=0)
    return ColumnProfile(header, rows, filled, distinct, longest, shares, tuple(frequent), tuple(pairs[:200]))
