"""A county folder: who its institutions are, who delivers what, and with which mapping.

Here: reading and judging `county.yml` and its mappings, every problem at once with file, line and how to mend it.
Not here: the policy tables (policy) and the files in the inbox (ingest). Secrets come from the environment only.
"""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sources.base.bounds import Bounds
from sources.base.likeness import nearest
from sources.base.months import month_number, month_text, months_between
from sources.base.yamlfile import Problem, YamlFile, read_yaml
from sources.county.baselines import baseline_notes
from sources.county.code_maps import check_code_maps
from sources.county.decisions import check_decisions
from sources.county.identity_settings import IdentitySettings
from sources.county.policy import check_policy
from sources.mappings.databases import Database, DatabaseSettings
from sources.mappings.load import MappingFile, load_mapping

COUNTIES = Path(__file__).parents[1] / "counties"
KEY_VARIABLE = "YIGONGTI_PSEUDONYM_KEY"
DEMONSTRATION_KEY = b"yigongti demonstration key: public, for simulated counties only"
MINIMUM_KEY_LENGTH = 32

Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]


class CountyError(ValueError):
    """The county folder cannot be used. `problems` holds all of them."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Alliance(_Strict):
    id: Identifier
    name: str


class Institution(_Strict):
    id: Identifier
    name: str
    tier: Literal["county_lead", "county", "township", "community", "village"]
    parent: Identifier | None = None
    alliance: Identifier
    urban_rural: Literal["1", "2"]
    peer_group: str | None = None

    @property
    def delivered_by(self) -> str:
        """A village's rows come with its parent's delivery; everyone else delivers for himself."""
        return self.parent if self.tier == "village" and self.parent else self.id


class Platform(_Strict):
    """A deliverer that is no care institution: public-health platform, insurance bureau, county centre."""

    id: Identifier
    name: str


class Delivery(_Strict):
    institution: Identifier
    mapping: str
    database: Database | None = None


class Settings(Bounds):
    """Thresholds and bounds of reading files; each is an assumption (假设) a county may change."""

    malformed_share_limit: float = Field(default=0.01, ge=0, le=1)
    malformed_rows_tolerated: int = Field(default=5, ge=0)
    databases: DatabaseSettings = DatabaseSettings()
    identity: IdentitySettings = IdentitySettings()


class CountySettings(_Strict):
    name: str
    region_code: Annotated[str, Field(pattern=r"^\d{6}$")]
    simulated: bool
    first_month: Month
    last_month: Month | None = None
    alliances: tuple[Alliance, ...] = Field(min_length=1)
    institutions: tuple[Institution, ...] = Field(min_length=1)
    platforms: tuple[Platform, ...] = ()
    deliveries: tuple[Delivery, ...] = Field(min_length=1)
    settings: Settings = Settings()


@dataclass(frozen=True)
class County:
    """A county that may be used: its folder, settings and mappings by name."""

    folder: Path
    configuration: CountySettings
    mappings: dict[str, MappingFile]

    @classmethod
    def load(cls, folder: Path | str) -> County:
        """Read a county folder. Raises CountyError with every problem found."""
        folder = Path(folder).absolute()
        county, problems = _read(folder)
        if county is None or problems:
            raise CountyError(problems)
        return county

    @property
    def name(self) -> str:
        return self.configuration.name

    @property
    def region_code(self) -> str:
        return self.configuration.region_code

    @property
    def simulated(self) -> bool:
        return self.configuration.simulated

    @property
    def first_month(self) -> str:
        return self.configuration.first_month

    @property
    def last_month(self) -> str | None:
        return self.configuration.last_month

    def months_over(self, moment: datetime) -> tuple[str, ...]:
        """Accounting months of this county that are over at that moment (Shanghai wall time)."""
        past = month_text(month_number(f"{moment:%Y-%m}") - 1)
        last = min(self.last_month or past, past)
        return tuple(months_between(self.first_month, last)) if last >= self.first_month else ()

    @property
    def settings(self) -> Settings:
        return self.configuration.settings

    @property
    def institutions(self) -> tuple[Institution, ...]:
        return self.configuration.institutions

    @property
    def platforms(self) -> tuple[Platform, ...]:
        return self.configuration.platforms

    @cached_property
    def institution_ids(self) -> frozenset[str]:
        return frozenset(institution.id for institution in self.institutions)

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def policy_folder(self) -> Path:
        return self.folder / "policy"

    @cached_property
    def deliverers(self) -> tuple[str, ...]:
        """Ids of the parties that deliver files, sorted."""
        return tuple(sorted({delivery.institution for delivery in self.configuration.deliveries}))

    def name_of(self, identifier: str) -> str:
        """Name of an institution or platform; the id itself when nobody has it."""
        for party in (*self.institutions, *self.platforms):
            if party.id == identifier:
                return party.name
        return identifier

    def mappings_of(self, deliverer: str) -> tuple[MappingFile, ...]:
        names = [d.mapping for d in self.configuration.deliveries if d.institution == deliverer]
        return tuple(self.mappings[name] for name in names)

    def database_of(self, deliverer: str, mapping: str) -> Database:
        """Where that deliverer's data under that mapping comes from. Raises KeyError when it is no database."""
        for delivery in self.configuration.deliveries:
            if (delivery.institution, delivery.mapping) == (deliverer, mapping) and delivery.database:
                return delivery.database
        raise KeyError(f"{deliverer} delivers no database under {mapping}")

    def expected_feeds(self, deliverer: str) -> tuple[str, ...]:
        """Feeds that deliverer's mappings provide for, sorted."""
        return tuple(sorted({feed for file in self.mappings_of(deliverer) for feed in file.mapping.feeds}))

    def pseudonym_key(self, environ: AbstractMapping[str, str]) -> bytes:
        """The secret under which personal identifiers are hashed. Raises CountyError when a real county has none."""
        secret = environ.get(KEY_VARIABLE, "")
        if not secret and self.simulated:
            return DEMONSTRATION_KEY
        if len(secret) < MINIMUM_KEY_LENGTH:
            zh = f"环境变量 {KEY_VARIABLE} 未设置或不足 {MINIMUM_KEY_LENGTH} 个字符:真实县的数据必须用自己的密钥"
            en = f"environment variable {KEY_VARIABLE} is missing or shorter than {MINIMUM_KEY_LENGTH} characters"
            raise CountyError([Problem("county.yml", 0, zh, en)])
        return secret.encode()

    def uses_demonstration_key(self, environ: AbstractMapping[str, str]) -> bool:
        return self.simulated and not environ.get(KEY_VARIABLE)


def institution_names(folder: Path) -> dict[str, str]:
    """{id: name} of a county that need not be usable yet (its mapping is being written); empty without a county.yml."""
    path = folder / "county.yml"
    content = read_yaml(path, "county.yml").content if path.is_file() else None
    parties = content.get("institutions") if isinstance(content, dict) else None
    named = [party for party in parties or [] if isinstance(party, dict) and {"id", "name"} <= set(party)]
    return {str(party["id"]): str(party["name"]) for party in named}


def check(folder: Path | str) -> list[Problem]:
    """Every problem of a county folder (county.yml, mappings, policy, codes, decisions), sorted by file and line."""
    return sorted(_read(Path(folder).absolute())[1])


def notes(folder: Path | str, environ: AbstractMapping[str, str]) -> list[Problem]:
    """What a county without problems still lacks, though nothing is wrong: its secret, baselines of relative targets."""
    county = County.load(folder)
    found = baseline_notes(county.policy_folder, {one.id: one.tier for one in county.institutions})
    try:
        county.pseudonym_key(environ)
    except CountyError as error:
        found += error.problems
    return sorted(found)


def _read(folder: Path) -> tuple[County | None, list[Problem]]:
    path = folder / "county.yml"
    if not path.is_file():
        zh, en = "没有 county.yml,请指定县目录", "there is no county.yml: point to a county folder"
        return None, [Problem("county.yml", 0, zh, en)]
    file = read_yaml(path, "county.yml")
    mappings, problems = _read_mappings(folder)
    if file.problems:
        return None, problems + file.problems + check_policy(folder / "policy")
    try:
        configuration = CountySettings.model_validate(file.content)
    except ValidationError as error:
        file.add_validation_errors(error, CountySettings)
        return None, problems + file.problems + check_policy(folder / "policy")
    broken = {Path(problem.file).stem for problem in problems}
    problems += check_policy(
        folder / "policy", {institution.id for institution in configuration.institutions}
    )
    _check_parties(file, configuration)
    _check_deliveries(file, configuration, mappings, broken)
    county = County(folder, configuration, mappings)
    problems += check_code_maps(folder, county.deliverers)
    problems += check_decisions(folder)
    return county, problems + file.problems


def _read_mappings(folder: Path) -> tuple[dict[str, MappingFile], list[Problem]]:
    mappings, problems = {}, []
    for path in sorted((folder / "mappings").glob("*.yml")):
        mapping, found = load_mapping(path, f"mappings/{path.name}")
        problems += found
        if mapping is not None:
            mappings[mapping.name] = mapping
    return mappings, problems


def _check_parties(file: YamlFile, configuration: CountySettings) -> None:
    alliances = {alliance.id for alliance in configuration.alliances}
    institutions = {institution.id: institution for institution in configuration.institutions}
    seen: set[str] = set()
    for kind, parties in (
        ("institutions", configuration.institutions),
        ("platforms", configuration.platforms),
    ):
        for index, party in enumerate(parties):
            if party.id in seen:
                file.problem((kind, index), f"编号 {party.id} 重复", f"id {party.id} is given twice")
            seen.add(party.id)
    for index, institution in enumerate(configuration.institutions):
        place = ("institutions", index)
        if institution.alliance not in alliances:
            file.problem(
                place, f"没有医共体 {institution.alliance}", f"there is no alliance {institution.alliance}"
            )
        if institution.parent is not None and institution.parent not in institutions:
            file.problem(
                place, f"上级机构 {institution.parent} 不存在", f"parent {institution.parent} does not exist"
            )
        if institution.tier == "village" and institution.parent is None:
            zh, en = f"村卫生室 {institution.id} 要写 parent", f"village {institution.id} needs its parent"
            file.problem(place, zh, en)
    last = configuration.last_month
    if last is not None and last < configuration.first_month:
        file.problem(("last_month",), "last_month 早于 first_month", "last_month lies before first_month")


def _check_deliveries(
    file: YamlFile,
    configuration: CountySettings,
    mappings: dict[str, MappingFile],
    broken: set[str],
) -> None:
    villages = {i.id: i.parent for i in configuration.institutions if i.tier == "village"}
    parties = {party.id for party in (*configuration.institutions, *configuration.platforms)}
    users: dict[str, list[int]] = {}
    for index, delivery in enumerate(configuration.deliveries):
        place = ("deliveries", index)
        if delivery.institution not in parties:
            zh = f"{delivery.institution} 既不是机构也不是平台"
            file.problem(place, zh, f"{delivery.institution} is neither an institution nor a platform")
        if delivery.institution in villages:
            zh = f"村卫生室的数据随 {villages[delivery.institution]} 报送,请删除此项"
            file.problem(
                place, zh, f"a village is delivered by {villages[delivery.institution]}: remove this entry"
            )
        if delivery.mapping in mappings:
            users.setdefault(delivery.mapping, []).append(index)
        elif delivery.mapping not in broken:
            near = nearest(delivery.mapping, mappings)
            zh, en = f"没有 mappings/{delivery.mapping}.yml", f"there is no mappings/{delivery.mapping}.yml"
            file.problem(place, f"{zh};现有:{near}", f"{en}; there are: {near}")
    _check_database_places(file, configuration, mappings)
    for name, indexes in users.items():
        for feed, feed_mapping in mappings[name].mapping.feeds.items():
            if feed_mapping.file is None:
                _check_databases(file, configuration, indexes, name, feed)
            elif len(indexes) > 1 and "{institution}" not in feed_mapping.file:
                zh = f"映射 {name} 由多家机构使用,{feed} 的 file 里要有 {{institution}}"
                en = f"mapping {name} serves several deliverers: file of {feed} needs {{institution}}"
                file.problem(("deliveries", indexes[-1]), zh, en)


def _check_databases(
    file: YamlFile, configuration: CountySettings, indexes: list[int], mapping: str, feed: str
) -> None:
    """Who uses a mapping with tables or queries must say where the database is."""
    for index in indexes:
        if configuration.deliveries[index].database is None:
            zh = f"映射 {mapping} 的 {feed} 来自数据库:请写明 database: {{url_env: 环境变量名}} 或 {{sqlite: 文件}}"
            en = f"{feed} of mapping {mapping} comes from a database: add database: {{url_env: NAME}} or {{sqlite: FILE}}"
            file.problem(("deliveries", index), zh, en)


def _check_database_places(
    file: YamlFile, configuration: CountySettings, mappings: dict[str, MappingFile]
) -> None:
    """A database is of use only to a mapping with tables or queries."""
    for index, delivery in enumerate(configuration.deliveries):
        place = ("deliveries", index, "database")
        if delivery.database is None or delivery.mapping not in mappings:
            continue
        feeds = mappings[delivery.mapping].mapping.feeds.values()
        if not any(feed.is_database for feed in feeds):
            zh = f"映射 {delivery.mapping} 没有 table 或 query,用不到 database"
            file.problem(
                place, zh, f"mapping {delivery.mapping} has no table or query: `database` is of no use"
            )
