"""The county's institutions as the simulator needs them: arrays read from the county folder's county.yml.

The demo county (`sources/counties/demo`) is the single place that lists institutions and who delivers what. Not here:
people and things at an institution (people/, place/).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import yaml

DEMO = Path(__file__).resolve().parents[2] / "counties" / "demo"
COUNTY_TIERS, PRIMARY_TIERS = ("county_lead", "county"), ("township", "community")
_LEVELS = {"county_lead": "CH", "county": "CH", "township": "TH", "community": "CC", "village": "VC"}


@dataclass(frozen=True)
class Layout:
    """Institutions numbered in the order of county.yml; every array has one entry per institution."""

    text: dict[str, Any]
    codes: pa.Array
    names: list[str]
    tiers: np.ndarray  # str
    parent: np.ndarray  # index of the parent, -1 without one
    deliverer: np.ndarray  # index of the institution that delivers its rows
    alliances: list[str]
    urban_rural: list[str]
    platforms: dict[str, str]  # 'PH' | 'SI' | 'CC' → deliverer id
    mapping_of: dict[str, str]  # deliverer id → mapping file stem

    @property
    def region(self) -> str:
        """Division code of the county."""
        return str(self.text["region_code"])

    @property
    def size(self) -> int:
        return len(self.names)

    @property
    def county(self) -> np.ndarray:
        return np.flatnonzero(np.isin(self.tiers, COUNTY_TIERS))

    @property
    def primary(self) -> np.ndarray:
        """Township hospitals and community centres."""
        return np.flatnonzero(np.isin(self.tiers, PRIMARY_TIERS))

    @property
    def village(self) -> np.ndarray:
        return np.flatnonzero(self.tiers == "village")

    @property
    def is_county(self) -> np.ndarray:
        return np.isin(self.tiers, COUNTY_TIERS)

    @property
    def is_village(self) -> np.ndarray:
        return self.tiers == "village"

    @property
    def levels(self) -> list[str]:
        return [_LEVELS[t] for t in self.tiers]

    def code_list(self) -> list[str]:
        return self.codes.to_pylist()

    @property
    def alliance_ids(self) -> list[str]:
        """Ids of the medical communities, sorted."""
        return sorted(set(self.alliances))

    @property
    def alliance_of(self) -> np.ndarray:
        """Number of each institution's alliance among `alliance_ids`."""
        return np.array([self.alliance_ids.index(alliance) for alliance in self.alliances])

    def villages_of(self, institution: int) -> np.ndarray:
        return np.flatnonzero(self.is_village & (self.parent == institution))

    def hospital_of(self) -> np.ndarray:
        """The county hospital whose alliance an institution belongs to (itself for a county hospital)."""
        by_alliance = {self.alliances[i]: i for i in self.county}
        return np.array([by_alliance[a] for a in self.alliances])


def load_layout(folder: Path = DEMO) -> Layout:
    """Read county.yml of a county folder: as it stands, because the simulator stands beside `sources.county`, not on it."""
    text = yaml.safe_load((folder / "county.yml").read_text(encoding="utf-8"))
    rows = text["institutions"]
    number = {row["id"]: i for i, row in enumerate(rows)}
    parent = np.array([number.get(row.get("parent"), -1) for row in rows])
    tiers = np.array([row["tier"] for row in rows])
    itself = np.arange(len(rows))
    return Layout(
        text=text,
        codes=pa.array([row["id"] for row in rows]),
        names=[row["name"] for row in rows],
        tiers=tiers,
        parent=parent,
        deliverer=np.where(tiers == "village", parent, itself),
        alliances=[row["alliance"] for row in rows],
        urban_rural=[str(row["urban_rural"]) for row in rows],
        platforms={row["id"][:2]: row["id"] for row in text["platforms"]},
        mapping_of={row["institution"]: row["mapping"] for row in text["deliveries"]},
    )
