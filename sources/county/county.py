"""A county folder: who its institutions are, who delivers what, and with which mapping.

Here: a county that may be used, read and judged with every problem at once. Not here: the shape of county.yml (settings),
its checks (checks), the policy tables (policy), the files in the inbox (intake). Secrets come from the environment only.
"""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from sources.base.months import month_number, month_text, months_between
from sources.base.yamlfile import Problem, read_yaml
from sources.county.baselines import baseline_notes
from sources.county.casemix import check_casemix
from sources.county.checks import check_settings
from sources.county.code_maps import check_code_maps
from sources.county.decisions import check_decisions
from sources.county.policy import check_policy, policy_notes
from sources.county.policy_in_force import Members
from sources.county.settings import CountySettings, Institution, Platform, Settings
from sources.mappings.databases import Database
from sources.mappings.load import MappingFile, load_mapping

COUNTIES = Path(__file__).parents[1] / "counties"
KEY_VARIABLE = "YIGONGTI_PSEUDONYM_KEY"
DEMONSTRATION_KEY = b"yigongti demonstration key: public, for simulated counties only"
MINIMUM_KEY_LENGTH, MINIMUM_KEY_CHARACTERS = 32, 8


class CountyError(ValueError):
    """The county folder cannot be used. `problems` holds all of them."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


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

    @cached_property
    def speaks_for(self) -> dict[str, frozenset[str]]:
        """{institution: those whose rows it may deliver}: itself, what it is parent of and does not deliver itself, whom
        county.yml names. Platforms may deliver anybody's and are not in it.
        """
        own: dict[str, set[str]] = {one.id: {one.id} for one in self.institutions}
        for one in self.institutions:
            if one.parent in own and one.id not in self.deliverers:
                own[one.parent].add(one.id)
        for delivery in self.configuration.deliveries:
            if delivery.institution in own:
                named = self.institution_ids if delivery.delivers_for == "all" else delivery.delivers_for
                own[delivery.institution] |= set(named)
        return {who: frozenset(whose) for who, whose in own.items()}

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
        if secret and not self.simulated and not _is_secret(secret):
            zh = f"环境变量 {KEY_VARIABLE} 不是密钥:是公开的演示密钥,或几乎由同样的字符组成;请用随机生成的密钥,如 openssl rand -hex 32"
            en = (
                f"environment variable {KEY_VARIABLE} is no secret: the public demonstration key, or nearly all the same characters; "
                "use a random one (openssl rand -hex 32)"
            )
            raise CountyError([Problem("county.yml", 0, zh, en)])
        if len(secret) < MINIMUM_KEY_LENGTH:
            zh = f"环境变量 {KEY_VARIABLE} 未设置或不足 {MINIMUM_KEY_LENGTH} 个字符:真实县的数据必须用自己的密钥"
            en = f"environment variable {KEY_VARIABLE} is missing or shorter than {MINIMUM_KEY_LENGTH} characters"
            raise CountyError([Problem("county.yml", 0, zh, en)])
        return secret.encode()

    def uses_demonstration_key(self, environ: AbstractMapping[str, str]) -> bool:
        return self.simulated and not environ.get(KEY_VARIABLE)


def _is_secret(text: str) -> bool:
    """Whether nobody outside could guess it at once; short ones are told apart from these."""
    return text.encode() != DEMONSTRATION_KEY and len(set(text.strip())) >= MINIMUM_KEY_CHARACTERS


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
    found += policy_notes(county.policy_folder, _members(county.configuration))
    try:
        county.pseudonym_key(environ)
    except CountyError as error:
        found += error.problems
    return sorted(found)


def _members(configuration: CountySettings) -> Members:
    tiers = {one.id: one.tier for one in configuration.institutions}
    without_card = configuration.settings.tiers_without_card
    communities = tuple(alliance.id for alliance in configuration.alliances)
    return Members(
        tiers,
        configuration.first_month,
        configuration.last_month,
        without_card,
        communities,
        configuration.region_code,
    )


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
    problems += check_policy(folder / "policy", _members(configuration))
    check_settings(file, configuration, mappings, broken)
    county = County(folder, configuration, mappings)
    problems += check_code_maps(folder, county.deliverers)
    problems += check_decisions(folder)
    problems += check_casemix(folder)
    return county, problems + file.problems


def _read_mappings(folder: Path) -> tuple[dict[str, MappingFile], list[Problem]]:
    mappings, problems = {}, []
    for path in sorted((folder / "mappings").glob("*.yml")):
        mapping, found = load_mapping(path, f"mappings/{path.name}")
        problems += found
        if mapping is not None:
            mappings[mapping.name] = mapping
    return mappings, problems
