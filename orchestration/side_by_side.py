"""Feeds taken in side by side: processes of their own work ahead while a run asks for one feed after the other.

Belongs here: when that pays, which process takes what, how it ends. Does not belong here: what taking in is
(sources.ingest), the step that asks (orchestration.assets.feeds). A feed has its files to itself, so no two processes write
the same one.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.partitions import Extent
from sources.base.home import Home
from sources.county.county import County

if TYPE_CHECKING:
    from sources.ingest import BatchOutcome, Delivery

# Starting a process costs about a second, a small delivery some 35 ms: below this many nothing is gained.
FEW = 300
# More would share the disk and the memory, and the largest feed takes as long as it takes.
MOST_WORKERS = 4

_ahead: "dict[tuple[str, Extent], Future[list[BatchOutcome]]]" = {}
_county: County


class TakingInError(Exception):
    """Another process could not take a feed in; the message is that of the error there."""


@contextmanager
def ahead(
    county: County, home: Home, extents: Mapping[str, Extent], *, full: bool, workers: int | None = None
) -> Iterator[None]:
    """Begin to take in feeds (feed → extent); `outcomes` has what came of them until the block ends.

    Few deliveries or a single core: nothing is begun. workers: how many processes, whatever there is to do. When the
    block is left by an exception the processes end at once; what they had half done is done again by the next run.
    """
    from sources.ingest import find_deliveries

    months = {month for extent in extents.values() for month in extent.months}
    shares = _shares(find_deliveries(county, extents, months), extents)
    if workers is None:
        workers = min(len(os.sched_getaffinity(0)), MOST_WORKERS)
        if workers == 1 or sum(map(len, shares.values())) < FEW:
            yield
            return
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _begin, (str(county.folder),))
    try:
        for feed in sorted(shares, key=lambda name: (-sum(each.bytes for each in shares[name]), name)):
            extent = extents[feed]
            _ahead[feed, extent] = pool.submit(_take_in, str(home.root), feed, extent, full, shares[feed])
        yield
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.kill()
            process.join()
        raise
    finally:
        _ahead.clear()
    pool.shutdown()


def outcomes(feed: str, extent: Extent) -> "list[BatchOutcome] | None":
    """What another process made of a feed, once; None if none was asked to. Raises OSError or TakingInError as it did."""
    taken = _ahead.pop((feed, extent), None)
    try:
        return None if taken is None else taken.result()
    except BrokenProcessPool as error:
        raise TakingInError(
            "接入进程被系统结束(多半是内存不足):请释放内存后再运行同一命令 / a process that took feeds in was ended from outside, "
            "most likely for want of memory: free some and run the same command again"
        ) from error


def _shares(deliveries: "Sequence[Delivery]", extents: Mapping[str, Extent]) -> "dict[str, list[Delivery]]":
    shares: dict[str, list[Delivery]] = {feed: [] for feed in extents}
    for each in deliveries:
        if extents[each.feed].holds(each.institution_id, each.month):
            shares[each.feed].append(each)
    return shares


# -- in the other process


def _begin(county_dir: str) -> None:
    """Signals of the terminal are the parent's to answer; without a parent nobody holds the home's lock."""
    global _county
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _county = County.load(Path(county_dir))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None, "only a process that was started here watches"
    wait([parent.sentinel])
    os._exit(1)


def _take_in(
    home: str, feed: str, extent: Extent, full: bool, deliveries: "Sequence[Delivery]"
) -> "list[BatchOutcome]":
    from sources.ingest import take_in_deliveries

    try:
        return take_in_deliveries(
            _county, Home(Path(home)), feed, deliveries, extent.months, extent.institutions, full
        )
    except OSError:
        raise
    except Exception as error:  # of any class: one with a constructor of its own would not come over
        raise TakingInError(str(error)) from error
