"""Which edition of a code system each deliverer writes in each feed: declared by the mapping, else by the contract.

Not here: a row's own edition (`code_ver`), which goes before both, and how a code of an edition is read (dbt).
"""

from __future__ import annotations

import pyarrow as pa

from sources.base.files import write_parquet
from sources.base.home import Home
from sources.contracts.load import load_contracts
from sources.county.county import County
from sources.mappings.plan import FeedPlan
from sources.reference import TERMINOLOGIES

SCHEMA = pa.schema([(name, pa.string()) for name in ("deliverer_id", "feed", "terminology", "code_system")])


def write_editions(county: County, home: Home) -> None:
    """Write `<home>/conformed/county/code_system.parquet`: deliverer × feed × terminology → edition ('' = not declared)."""
    rows = {
        (deliverer, feed, terminology, _edition(file.plan(feed), column))
        for deliverer in county.deliverers
        for file in county.mappings_of(deliverer)
        for feed in file.mapping.feeds
        for terminology, column in load_contracts()[feed].coded_columns(TERMINOLOGIES).items()
    }
    table = pa.Table.from_pylist(
        [dict(zip(SCHEMA.names, row, strict=True)) for row in sorted(rows)], schema=SCHEMA
    )
    write_parquet(home.county / "code_system.parquet", table)


def _edition(plan: FeedPlan, column: str) -> str:
    declared = plan.code_system(column) or plan.contract.column(column).code_system or ""
    return edition_of(declared) or (plan.code_system(column) or "")


def edition_of(text: str) -> str:
    """The edition a contract's words name: GLB clinical, YB insurance, '' when it names none or several."""
    named = [edition for word, edition in (("国临", "GLB"), ("医保", "YB")) if word in text]
    return named[0] if len(named) == 1 else ""
