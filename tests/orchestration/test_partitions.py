"""Months, institutions, and the range tags that name both."""

from datetime import UTC, datetime
from types import SimpleNamespace

import dagster as dg
import pytest

from orchestration.partitions import (
    RANGE_END_TAG,
    RANGE_START_TAG,
    Extent,
    delivery_partitions,
    delivery_tags,
    extent_of,
    month_tags,
    monthly_partitions,
    runs_of_neighbours,
)
from sources.base.months import SHANGHAI


def test_months_are_those_of_the_county():
    assert monthly_partitions("2024-11", "2025-02").get_partition_keys() == [
        "2024-11",
        "2024-12",
        "2025-01",
        "2025-02",
    ]


def test_months_without_an_end_stop_at_the_last_month_that_is_over():
    keys = monthly_partitions("2024-11", None).get_partition_keys()
    assert keys[:2] == ["2024-11", "2024-12"]
    assert keys == sorted(keys)
    assert keys[-1] < (datetime.now(UTC) + SHANGHAI).strftime("%Y-%m")


def test_a_year_of_every_institution_is_one_range():
    months = monthly_partitions("2025-01", "2025-12")
    deliveries = delivery_partitions(["H2", "H1", "H3"], months)
    tags = delivery_tags(["H3", "H1", "H2"], "2025-01", "2025-12")
    keys = deliveries.get_partition_keys_in_range(
        dg.PartitionKeyRange(tags[RANGE_START_TAG], tags[RANGE_END_TAG])
    )
    assert sorted(keys) == sorted(deliveries.get_partition_keys())
    assert len(keys) == 36


def test_a_range_takes_neither_other_months_nor_other_institutions():
    deliveries = delivery_partitions(["H1", "H2", "H3"], monthly_partitions("2025-01", "2025-12"))
    tags = delivery_tags(["H2", "H3"], "2025-03", "2025-04")
    keys = deliveries.get_partition_keys_in_range(
        dg.PartitionKeyRange(tags[RANGE_START_TAG], tags[RANGE_END_TAG])
    )
    assert sorted(keys) == ["H2|2025-03", "H2|2025-04", "H3|2025-03", "H3|2025-04"]


@pytest.mark.parametrize(
    ("keys", "groups"),
    [
        ([], []),
        (["b"], [("b",)]),
        (["c", "a", "b"], [("a", "b", "c")]),
        (["a", "c", "d", "f"], [("a",), ("c", "d"), ("f",)]),
        (["a", "a"], [("a",)]),
    ],
)
def test_neighbours_share_a_run(keys: list[str], groups: list[tuple[str, ...]]):
    assert runs_of_neighbours(keys, list("abcdef")) == groups


def test_extent_of_a_monthly_step():
    context = SimpleNamespace(partition_keys=["2025-02", "2025-01"])
    assert extent_of(context) == Extent(("2025-01", "2025-02"))


def test_extent_of_a_delivery_step():
    context = SimpleNamespace(partition_keys=["H1|2025-01", "H2|2025-01", "H1|2025-02", "H2|2025-02"])
    assert extent_of(context) == Extent(("2025-01", "2025-02"), ("H1", "H2"))


def test_month_tags_name_first_and_last():
    assert month_tags("2025-01", "2025-03") == {RANGE_START_TAG: "2025-01", RANGE_END_TAG: "2025-03"}
