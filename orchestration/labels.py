"""How an asset is filed in Dagster: its group, its owners, its tags.

Belongs here: the words of the catalogue's filters, for feeds and models alike. Does not belong here: keys
(orchestration.translator), who is whose deliverer (sources.county).
"""

from collections.abc import Mapping
from typing import Any

from sources.contracts.contract import Contract

DATA_ENGINEERING, ANALYSIS = "team:data-engineering", "team:analysis"
# Groups whose figures the analysts answer for; everything else is the data engineers'.
OF_ANALYSIS = frozenset({"policy", "kpi", "scoring", "marts", "reference"})
DOMAINS = {"his": "hospital", "ph": "public_health", "si": "insurance", "cfg": "governance"}
# The hospitals' books come with their clinical feeds, and are read by other people.
FINANCE, FINANCE_PREFIX = "finance", "fin_"


def group_of_feed(contract: Contract) -> str:
    """Who the feed is about: hospital, finance, public_health, insurance, governance."""
    return FINANCE if contract.feed.startswith(FINANCE_PREFIX) else DOMAINS[contract.domain]


def group_of_node(props: Mapping[str, Any]) -> str:
    """Folder under models/ (staging, core, kpi, scoring, marts); seeds are reference data."""
    return "reference" if props["resource_type"] == "seed" else props["fqn"][1]


def owners_of(group: str) -> list[str]:
    """Who answers for the assets of a group."""
    return [ANALYSIS if group in OF_ANALYSIS else DATA_ENGINEERING]


def tags_of_feed(contract: Contract) -> dict[str, str]:
    """Tags of a feed: its layer, its domain, how it is delivered."""
    return {"layer": "feed", "domain": group_of_feed(contract), "delivery": contract.delivery}


def tags_of_node(props: Mapping[str, Any]) -> dict[str, str]:
    """Tags of a dbt node: its layer, and its domain where the folder has one (core/care, staging/his)."""
    tags = {"layer": group_of_node(props)}
    if len(props["fqn"]) > 3:
        folder = props["fqn"][2]
        tags["domain"] = DOMAINS.get(folder, folder)
    return tags
