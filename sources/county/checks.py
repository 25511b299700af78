"""What can be wrong in county.yml although every word of it is known: each problem with its line and how to mend it.

Here: parties and deliveries held against each other and against the mappings. Not here: the shape of the file (settings),
the tables beside it (policy, code_maps, decisions).
"""

from __future__ import annotations

import itertools

from sources.base.likeness import nearest
from sources.base.yamlfile import YamlFile
from sources.contracts.load import load_contracts
from sources.county.settings import CountySettings, Deliverer
from sources.mappings.load import MappingFile, path_like, path_pattern
from sources.mappings.mapping import FeedMapping


def check_settings(
    file: YamlFile, configuration: CountySettings, mappings: dict[str, MappingFile], broken: set[str]
) -> None:
    """Put every problem into the file; `broken` are mappings whose own problems are told already."""
    _check_parties(file, configuration)
    _check_deliveries(file, configuration, mappings, broken)


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
        if delivery.delivers_for != "all":
            known = {institution.id for institution in configuration.institutions}
            for other in sorted(set(delivery.delivers_for) - known):
                zh, en = (
                    f"delivers_for 里的 {other} 不是本县机构",
                    f"{other} in delivers_for is no institution",
                )
                file.problem((*place, "delivers_for"), zh, en)
        if delivery.mapping in mappings:
            users.setdefault(delivery.mapping, []).append(index)
        elif delivery.mapping not in broken:
            near = nearest(delivery.mapping, mappings)
            zh, en = f"没有 mappings/{delivery.mapping}.yml", f"there is no mappings/{delivery.mapping}.yml"
            file.problem(place, f"{zh};现有:{near}", f"{en}; there are: {near}")
    for feed in sorted(set(configuration.settings.dates.event_months) - set(load_contracts())):
        near = nearest(feed, load_contracts())
        zh, en = (
            f"没有名为 {feed} 的数据契约,是否 {near}?",
            f"no contract is named {feed}; did you mean {near}?",
        )
        file.problem(("settings", "dates", "event_months", feed), zh, en)
    _check_database_places(file, configuration, mappings)
    _check_claims(file, configuration, mappings)
    for name, indexes in users.items():
        for feed, feed_mapping in mappings[name].mapping.feeds.items():
            if feed_mapping.file is None:
                _check_databases(file, configuration, indexes, name, feed)
            elif len(indexes) > 1 and "{institution}" not in feed_mapping.file:
                zh = f"映射 {name} 由多家机构使用,{feed} 的 file 里要有 {{institution}}"
                en = f"mapping {name} serves several deliverers: file of {feed} needs {{institution}}"
                file.problem(("deliveries", indexes[-1]), zh, en)


def _check_claims(file: YamlFile, configuration: CountySettings, mappings: dict[str, MappingFile]) -> None:
    """No two deliveries may take in the same file, table or query for one feed: its rows would count twice."""
    claims: dict[str, list[tuple[int, FeedMapping, Deliverer]]] = {}
    for index, delivery in enumerate(configuration.deliveries):
        mapping = mappings.get(delivery.mapping)
        for feed, keys in mapping.mapping.feeds.items() if mapping else ():
            claims.setdefault(feed, []).append((index, keys, delivery))
    for feed, found in claims.items():
        for (first, keys, one), (second, others, other) in itertools.combinations(found, 2):
            if _same_rows(keys, one, others, other):
                zh = f"与第 {first + 1} 项({one.mapping})认领了同样的 {feed},会重复计数;请改其中一份映射的 file、table 或 query"
                en = f"claims the same {feed} as entry {first + 1} ({one.mapping}), it would count twice: change file, table or query"
                file.problem(("deliveries", second), zh, en)


def _same_rows(keys: FeedMapping, one: Deliverer, others: FeedMapping, other: Deliverer) -> bool:
    if keys.file is None or others.file is None:
        here, there = (
            (
                by.database,
                *(
                    text and text.replace("{institution}", by.institution)
                    for text in (said.table, said.query)
                ),
            )
            for said, by in ((keys, one), (others, other))
        )
        return keys.file is others.file and one.database is not None and here == there
    if keys.sheet != others.sheet and None not in (keys.sheet, others.sheet):
        return False
    if one.mapping == other.mapping and one.institution != other.institution:
        return False  # who shares a mapping writes {institution} into it
    files = [
        said.replace("{institution}", by.institution) for said, by in ((keys.file, one), (others.file, other))
    ]
    return any(path_pattern(a).fullmatch(path_like(b)) for a, b in (files, files[::-1]))


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
