"""Codes that were emptied because no dictionary knows them, read again from the landing: what to put into a dictionary.

Here: finding the batches, judging them once more with today's mappings, grouping the codes. Not here: rows in quarantine
(quarantine). Nothing is written; only plain codes of columns that tell of no person are shown, anything else as its shape.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from sources.base.engine import ask, literal, matching
from sources.base.home import Home
from sources.conforming.batch import Conformer
from sources.conforming.judged import BatchIdentity, Piece
from sources.conforming.rules import Fault
from sources.county.county import County
from sources.intake.intake import mapping_today
from sources.intake.landing import Landing
from sources.intake.manifest import Manifest
from sources.mending.quarantine import FILTERS, Narrowing, QuarantineGroup


def emptied_code_counts(home: Home, narrowing: Narrowing) -> dict[str, int]:
    """{batch id: values emptied because no dictionary knows the code}, of batches that have any."""
    if not list(home.rule_outcome.glob("*.parquet")):
        return {}
    sql = f"""select batch_id, sum(violated)::bigint from read_parquet({literal(matching(home.rule_outcome, "*.parquet"))})
        where {FILTERS} and rule_id = '{Fault.CODE_NULLED.name}' group by all order by all"""
    return dict(ask(sql, narrowing.parameters))


def emptied_codes(county: County, home: Home, narrowing: Narrowing, secret: bytes) -> list[QuarantineGroup]:
    """One group per feed, deliverer, column and code, the most frequent first. Money stays with the accepted rows: None."""
    batches = emptied_code_counts(home, narrowing)
    if not batches:
        return []
    landing = Landing(home, secret)
    found: dict[tuple[str, ...], QuarantineGroup] = {}
    months: dict[tuple[str, ...], set[str]] = defaultdict(set)
    with Conformer(secret, county.institution_ids, county.speaks_for, county.settings.dates) as conformer:
        for manifest in landing.manifests():
            if manifest.batch_id not in batches:
                continue
            for group in _groups(county, landing, manifest, conformer):
                name = (group.feed, group.institution_id, group.column_name, group.shown)
                before = found.get(name)
                found[name] = replace(before, rows=before.rows + group.rows) if before else group
                months[name].add(manifest.month)
    told = [replace(group, months=" ".join(sorted(months[name]))) for name, group in found.items()]
    return sorted(told, key=lambda g: (-g.rows, g.feed, g.institution_id, g.column_name, g.shown))


def _groups(
    county: County, landing: Landing, manifest: Manifest, conformer: Conformer
) -> Iterator[QuarantineGroup]:
    """A group for every chunk, column and code of one batch."""
    mapping = mapping_today(county, manifest)
    if mapping is None:
        return
    batch = BatchIdentity(manifest.batch_id, manifest.institution_id, manifest.month, manifest.file)
    plan = mapping.plan(manifest.feed)
    for chunk in landing.chunks(manifest):
        (part,) = conformer.conform(plan, [Piece(batch, chunk)])
        lines: dict[tuple[str, str], list[dict]] = defaultdict(list)
        for row in part.emptied_codes.to_pylist():
            lines[row["column_name"], row["masked_value"] or ""].append(row)
        for (column, shown), rows in lines.items():
            first = min(rows, key=lambda row: row["source_line"])
            yield QuarantineGroup(
                manifest.feed, manifest.institution_id, Fault.CODE_NULLED.name, column, shown, len(rows), None,
                manifest.month, manifest.file, first["source_line"], first["message_zh"], first["message_en"],
            )  # fmt: skip
