"""What the warehouse reads besides deliveries: institutions, who is expected to deliver, policy, months of a run.

Also the empty file of every feed, so that a feed nobody delivered still has its columns. Not here: deliveries.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from sources.base.files import read_parquet, write_parquet
from sources.base.home import Home
from sources.base.months import months_between
from sources.contracts.load import load_contracts
from sources.county.casemix import write_casemix
from sources.county.code_maps import write_code_maps
from sources.county.county import County
from sources.county.policy import write_policy
from sources.county.standing_entries import write_standing_entries
from sources.county.texts import write_texts
from sources.intake.outcome import BATCH_SCHEMA, PROFILE_SCHEMA, RULE_SCHEMA
from sources.intake.standing import RESOLVED_SCHEMA, STANDING_SCHEMA
from sources.reference import write_reference
from sources.terminology.editions import write_editions

# A preview: publishing gives the release its number, so that building twice gives the same bytes.
_PREVIEW_REVISION = 0


def prepare(county: County, home: Home, months: Iterable[str], published: Iterable[str] = ()) -> None:
    """Write what the warehouse reads besides deliveries: county, policy, months of this run, and empty feeds.

    published: months that are published already. The warehouse covers them too, so that an older month computed again
    sees the corrections that came with later deliveries.
    """
    _write_county(county, home)
    write_policy(county.policy_folder, home)
    write_texts(county.folder, home)
    write_reference(home)
    write_editions(county, home)
    write_code_maps(county.folder, home)
    write_casemix(county.folder, home)
    run, closed = set(months), set(published)
    covered = months_between(county.first_month, max(run | closed | {county.first_month}))
    write_standing_entries(county.folder, home, covered, run, closed)
    _write_run_months(home, covered, run)
    for feed, contract in load_contracts().items():
        write_parquet(home.conformed_schema(feed), contract.arrow_schema().empty_table())
    write_parquet(home.batch_outcome / "schema.parquet", BATCH_SCHEMA.empty_table())
    write_parquet(home.batch_standing / "schema.parquet", STANDING_SCHEMA.empty_table())
    write_parquet(home.resolved_fault / "schema.parquet", RESOLVED_SCHEMA.empty_table())
    write_parquet(home.rule_outcome / "schema.parquet", RULE_SCHEMA.empty_table())
    write_parquet(home.column_profile / "schema.parquet", PROFILE_SCHEMA.empty_table())


def last_known_month(home: Home) -> str:
    """The last delivery month the build reads ('YYYY-MM'): of this run, or published before it."""
    return max(read_parquet(home.run_month)["month"].to_pylist())


def _write_county(county: County, home: Home) -> None:
    alliances = {alliance.id: alliance.name for alliance in county.configuration.alliances}
    rows = [
        {
            "institution_id": one.id,
            "institution_name": one.name,
            "tier": one.tier,
            "parent_id": one.parent,
            "alliance_id": one.alliance,
            "alliance_name": alliances[one.alliance],
            "peer_group": one.peer_group or one.tier,
            "urban_rural": one.urban_rural,
            "delivered_by": one.delivered_by,
        }
        for one in sorted(county.institutions, key=lambda institution: institution.id)
    ]
    schema = pa.schema([(name, pa.string()) for name in rows[0]])
    write_parquet(home.county / "institution.parquet", pa.Table.from_pylist(rows, schema=schema))
    itself = pa.table({"region_code": [county.region_code], "county_name": [county.name]})
    write_parquet(home.county / "county.parquet", itself)
    pairs = sorted(
        (feed, deliverer) for deliverer in county.deliverers for feed in county.expected_feeds(deliverer)
    )
    expected = pa.table(
        {"feed": [feed for feed, _ in pairs], "institution_id": [deliverer for _, deliverer in pairs]}
    )
    write_parquet(home.county / "expected_delivery.parquet", expected)


def _write_run_months(home: Home, months: list[str], scope: set[str]) -> None:
    table = pa.table(
        {
            "month": months,
            "in_scope": [month in scope for month in months],
            "release_id": [f"{months[-1]}.{_PREVIEW_REVISION}"] * len(months),
            "revision": pa.array([_PREVIEW_REVISION] * len(months), pa.int32()),
        }
    )
    write_parquet(home.run_month, table)
