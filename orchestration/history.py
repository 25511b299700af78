"""What `yigongti run` leaves in Dagster's memory: which partitions it materialised, and how every check went.

Belongs here: writing those events at once, without a run. Does not belong here: where the memory lies
(orchestration.instance), what an event says (assets, checks), forgetting (orchestration.forgetting).

Dagster's storages open a connection and a transaction for every event, three times: 15 s for a run's log.
Here all of a run's events share one transaction per database, and the log lines of its steps stay out.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from orchestration.instance import open_instance

if TYPE_CHECKING:
    import dagster as dg

_log = logging.getLogger(__name__)
# By its name: dagster-postgres is installed only where dagster.yaml asks for it.
POSTGRESQL = "PostgresEventLogStorage"


def remember(home_dir: Path, events: "Iterable[dg.AssetMaterialization | dg.AssetCheckEvaluation]") -> bool:
    """Write the events into the instance of the home, all or none. False if that could not be done.

    What is published does not depend on Dagster's memory: a run is not failed for it, the log says why.
    """
    try:
        with open_instance(home_dir) as instance, one_transaction(instance):
            for event in events:
                instance.report_runless_asset_event(event)
    except Exception as error:
        _log.warning(
            "Dagster 页面没有记下本次运行 / the page of Dagster does not know of this run: %s", error
        )
        return False
    return True


@contextmanager
def one_transaction(instance: "dg.DagsterInstance") -> Iterator[None]:
    """What is stored inside the block shares one connection and one transaction: of each file of SQLite, of a PostgreSQL database.

    Any other storage is left as it is: it stores event by event.
    """
    from dagster._core.storage.event_log import SqliteEventLogStorage

    storage = underlying(instance.event_log_storage)
    connect: Callable[[str], Any]
    if isinstance(storage, SqliteEventLogStorage):
        # Its own lock may be taken once only: inside the shared connection it is asked for again.
        connect, storage._db_lock = storage._connect, RLock()  # type: ignore[assignment]
    elif type(storage).__name__ == POSTGRESQL:
        connect = _in_transaction(storage._connect)
    else:
        yield
        return
    with ExitStack() as open_ones:
        connections: dict[str, Any] = {}

        @contextmanager
        def shared(shard: str = POSTGRESQL) -> Iterator[Any]:
            if shard not in connections:
                connections[shard] = open_ones.enter_context(connect(shard))
            yield connections[shard]

        # What an asset's own row says is its newest event: written once, after all of them.
        newest: dict[str, tuple[Any, Any, int]] = {}

        def keep_newest(connection: Any, event: Any, event_id: int) -> None:
            newest[str(event.dagster_event.asset_key)] = connection, event, event_id

        # A database that we have just opened is at the head of its migrations: not to be asked for every event.
        of_this_block = {
            "_connect": shared,
            "has_table": lambda table: True,
            "_has_asset_key_index_cols_on_connection": lambda connection: True,
            "_store_asset_event": keep_newest,
        }
        vars(storage).update(of_this_block)
        try:
            yield
            del vars(storage)["_store_asset_event"]
            for each in newest.values():
                storage._store_asset_event(*each)
        finally:
            for name in of_this_block:
                vars(storage).pop(name, None)


def _in_transaction(connect: Callable[[], Any]) -> Callable[[str], Any]:
    """PostgreSQL as Dagster opens it commits every statement: this way to open it commits at the end of the block."""

    @contextmanager
    def opened(database: str) -> Iterator[Any]:
        with connect() as connection:
            together = connection.execution_options(isolation_level="READ COMMITTED")
            with together.begin():
                yield together

    return opened


def underlying(storage: Any) -> Any:
    """The storage itself: one given by a `storage:` block in dagster.yaml comes wrapped."""
    return getattr(storage, "event_log_storage", storage)
