"""What county.yml may say: institutions, platforms, who delivers with which mapping, thresholds.

Here: the shape of the file. Not here: whether its parts fit together (checks) and what follows from them (county).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sources.base.bounds import Bounds
from sources.base.strict import Strict
from sources.base.terms import Tier
from sources.contracts.date_bounds import DateSettings
from sources.county.identity_settings import IdentitySettings
from sources.mappings.databases import Database, DatabaseSettings

AccountingMonth = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]


class Alliance(Strict):
    id: Identifier
    name: str


class Party(Strict):
    """Whoever may deliver, by id and name."""

    id: Identifier
    name: str


class Institution(Party):
    tier: Tier
    parent: Identifier | None = None
    alliance: Identifier
    urban_rural: Literal["1", "2"]
    peer_group: str | None = None

    @property
    def delivered_by(self) -> str:
        """A village's rows come with its parent's delivery; everyone else delivers for himself."""
        return self.parent if self.tier == "village" and self.parent else self.id


class Platform(Party):
    """A deliverer that is no care institution: public-health platform, insurance bureau, county centre."""


class Deliverer(Strict):
    """Who delivers with which mapping; `database` when he is asked instead of sending files.

    `delivers_for` names the institutions besides himself and his villages whose rows he may bring: a hospital that runs the
    system of others. Platforms bring anybody's.
    """

    institution: Identifier
    mapping: str
    database: Database | None = None
    delivers_for: tuple[Identifier, ...] | Literal["all"] = ()


class Settings(Bounds):
    """Thresholds and bounds of reading files; each is an assumption (假设) a county may change.

    tiers_without_card: tiers that are not scored on purpose; for any other a card is demanded.
    publish_within_days: days after the accounts of a month closed within which it shall be published.
    """

    malformed_share_limit: float = Field(default=0.01, ge=0, le=1)
    malformed_rows_tolerated: int = Field(default=5, ge=0)
    dates: DateSettings = DateSettings()
    databases: DatabaseSettings = DatabaseSettings()
    identity: IdentitySettings = IdentitySettings()
    tiers_without_card: tuple[Tier, ...] = ()
    publish_within_days: int = Field(default=4, ge=0)


class CountySettings(Strict):
    name: str
    region_code: Annotated[str, Field(pattern=r"^\d{6}$")]
    simulated: bool
    first_month: AccountingMonth
    last_month: AccountingMonth | None = None
    alliances: tuple[Alliance, ...] = Field(min_length=1)
    institutions: tuple[Institution, ...] = Field(min_length=1)
    platforms: tuple[Platform, ...] = ()
    deliveries: tuple[Deliverer, ...] = Field(min_length=1)
    settings: Settings = Settings()
