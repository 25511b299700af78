"""Files as the way in: CSV and kin, Excel workbooks, Parquet; chosen by the file's name, proved by its content.

Here: one entry for all of them. Not here: finding the files (ingest) or keeping them (landing).
"""

from __future__ import annotations

from pathlib import PurePath

from sources.connectors.delimited import read_delimited
from sources.connectors.delivered import Delivered
from sources.connectors.parquet import read_parquet
from sources.connectors.source import Source
from sources.connectors.workbook import read_workbook
from sources.mapping import FeedPlan

CONNECTOR = "files"
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")


def read_file(name: str, source: Source, plan: FeedPlan) -> Delivered:
    """Rows of one delivered file as text, in chunks. Raises RefusedError with what is wrong and how to mend it."""
    suffix = PurePath(name).suffix.lower()
    feed = plan.feed_mapping
    if suffix in WORKBOOK_SUFFIXES:
        return read_workbook(source, feed.sheet, feed.header_row)
    if suffix == ".parquet":
        return read_parquet(source)
    return read_delimited(source, plan.used_headers, feed.header_row)
