"""Which partitions a run of the command line says it made."""

from types import SimpleNamespace

import dagster as dg
import pytest

from orchestration import materialized
from orchestration.resources import Place

MONTHS = ("2025-01", "2025-02")
KEY = dg.AssetKey("fct_bill")


def place(*months: str) -> Place:
    return Place(county_dir="/c", home_dir="/h", months=list(months), institutions=["H1", "H2"])


def test_what_a_step_notes_becomes_one_event_for_each_partition():
    with materialized.noting() as noted, dg.build_asset_context() as context:
        materialized.note(context, place(*MONTHS), KEY, {"2025-02": {"dagster/partition_row_count": 3}})
    (event,) = materialized.by_partition(dg.AssetMaterialization(KEY, metadata={"rows": 7}), noted, MONTHS)
    assert (event.asset_key, event.partition) == (KEY, "2025-02")
    assert {name: value.value for name, value in event.metadata.items()} == {
        "rows": 7,
        "dagster/partition_row_count": 3,
        "launched_by": "yigongti run",
    }


def test_a_step_that_notes_nothing_covers_every_month():
    events = materialized.by_partition(dg.AssetMaterialization(KEY, partition="2025-02"), {}, MONTHS)
    assert [event.partition for event in events] == list(MONTHS)


def test_a_feed_that_nobody_delivered_made_nothing():
    with materialized.noting() as noted, dg.build_asset_context() as context:
        materialized.note(context, place(*MONTHS), KEY, {})
    assert list(materialized.by_partition(dg.AssetMaterialization(KEY), noted, MONTHS)) == []


def test_what_was_kept_was_not_made():
    event = dg.AssetMaterialization(KEY, metadata={materialized.KEPT: True})
    assert list(materialized.by_partition(event, {}, MONTHS)) == []


@pytest.mark.parametrize(("partition", "institutions"), [("2025-02", None), ("H1|2025-02", ("H1", "H2"))])
def test_a_run_of_the_command_line_tells_each_step_its_months(partition: str, institutions: object):
    context = SimpleNamespace(partition_keys=[partition])
    extent = place(*MONTHS).extent(context)
    assert (extent.months, extent.institutions) == (MONTHS, institutions)
    assert place().extent(context).months == ("2025-02",)
