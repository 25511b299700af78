"""Whether the tables of a scheme fit each other: every problem at once, each with file and line.

Not here: one table by itself (table_checks), whether a scheme is in force (policy), whether its groups are medically right (nobody
can tell from the tables).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from sources.base.yamlfile import Problem
from sources.casemix.scheme import Row, SchemeError, SchemeSettings, load_tables, read_settings
from sources.casemix.table_checks import check_table
from sources.casemix.tables import LIST_ROLES, NUMBER_ROLES, TABLES, TRAUMA_SITE

_LAST_RULES = ("otherwise", "unsplit")


def check_scheme(folder: Path, folders: Mapping[str, Path]) -> list[Problem]:
    """Every problem of a scheme that lies in `folder`; `folders` are the schemes it may stand on."""
    settings, problems = read_settings(folder)
    if settings is None:
        return problems
    if settings.id != folder.name:
        zh = f"编号 {settings.id} 与文件夹名 {folder.name} 不同"
        problems.append(Problem("scheme.yml", 0, zh, f"id {settings.id} is not the name of the folder"))
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in TABLES:
            zh, en = (
                f"不认识的表;有 {'、'.join(TABLES)}",
                f"no table of a scheme; there are {', '.join(TABLES)}",
            )
            problems.append(Problem(path.name, 0, zh, en))
    for table in TABLES.values():
        problems += check_table(folder / f"{table.name}.csv", table)
    problems += _circle(settings, folders)
    if problems:
        return problems
    try:
        tables = load_tables(folders, settings, folder).tables
    except SchemeError as error:
        return error.problems
    lacking = [name for name, table in TABLES.items() if not table.optional and name not in tables]
    if lacking:
        zh, en = (
            f"缺少表 {'、'.join(lacking)}(基础方案也没有)",
            f"tables {', '.join(lacking)} are missing, here and in the base",
        )
        return [Problem("scheme.yml", 0, zh, en)]
    found = [*_references(tables), *_clauses(tables), *_severities(tables)]
    return [problem if (folder / problem.file).is_file() else _of_base(problem) for problem in found]


def _of_base(problem: Problem) -> Problem:
    """What does not fit own tables may stand in one of the base, which is not to be mended."""
    zh, en = (
        f"基础方案的 {problem.file}:{problem.message_zh}",
        f"{problem.file} of the base: {problem.message_en}",
    )
    return Problem("scheme.yml", 0, zh, en)


def _circle(settings: SchemeSettings, folders: Mapping[str, Path]) -> Iterator[Problem]:
    """A scheme that stands on itself, by however many steps."""
    passed, base = {settings.id}, settings.base
    while base is not None and base not in passed:
        passed.add(base)
        below, _ = read_settings(folders[base]) if base in folders else (None, [])
        base = below.base if below else None
    if base is not None:
        zh, en = f"基础方案绕回了 {base}", f"the bases lead back to {base}"
        yield Problem("scheme.yml", 0, zh, en)


def _references(tables: Mapping[str, list[Row]]) -> Iterator[Problem]:
    """What one table names the other must have."""
    mdcs = {row["mdc"] for row in tables["mdc"]}
    adrgs = {row["adrg"] for row in tables["adrg"]}
    drgs = {row["drg"] for row in tables["drg"]}
    for table, column, known in (
        ("adrg", "mdc", mdcs),
        ("mdc_condition", "mdc", mdcs),
        ("mdc_principal_diagnosis", "mdc", mdcs),
        ("adrg_condition", "adrg", adrgs),
        ("adrg_condition_variant", "adrg", adrgs),
        ("drg", "adrg", adrgs),
        ("weight", "drg", drgs),
    ):
        for number, row in enumerate(tables.get(table, []), start=2):
            if row[column] not in known:
                zh, en = f"没有 {column} {row[column]}", f"there is no {column} {row[column]}"
                yield Problem(f"{table}.csv", number, zh, en)
    for owner, table in (("mdc", "mdc_condition"), ("adrg", "adrg_condition")):
        for name in sorted({row[owner] for row in tables[owner]} - {row[owner] for row in tables[table]}):
            zh, en = f"{name} 没有条件,永远分不进去", f"{name} has no condition: no case ever enters it"
            yield Problem(f"{table}.csv", 0, zh, en)
    yield from _orders(tables)


def _orders(tables: Mapping[str, list[Row]]) -> Iterator[Problem]:
    """Which is tried first must not be left to chance."""
    for table, within in (("mdc", ""), ("adrg", "mdc")):
        seen: dict[tuple[str, float], int] = {}
        for number, row in enumerate(tables[table], start=2):
            place = (row[within] if within else "", float(row["try_order"]))
            if place in seen:
                zh, en = f"try_order 与第 {seen[place]} 行相同", f"has the try_order of line {seen[place]}"
                yield Problem(f"{table}.csv", number, zh, en)
            seen.setdefault(place, number)
    medical: dict[str, float] = {}
    for row in tables["adrg"]:
        if row["kind"] == "medical":
            medical[row["mdc"]] = min(float(row["try_order"]), medical.get(row["mdc"], float("inf")))
    for number, row in enumerate(tables["adrg"], start=2):
        if row["kind"] != "medical" and float(row["try_order"]) > medical.get(row["mdc"], float("inf")):
            zh, en = f"{row['adrg']} 排在内科组之后", f"{row['adrg']} is tried after a medical group"
            yield Problem("adrg.csv", number, zh, en)


def _clauses(tables: Mapping[str, list[Row]]) -> Iterator[Problem]:
    """A clause has a list of its terminology that is not empty, or bounds; never both."""
    yield from _lists(tables)
    lists = {row["list_id"]: row["code_system"] for row in tables["code_list"]}
    lists |= {f"MDC{row['mdc']}": "diagnosis" for row in tables["mdc_principal_diagnosis"]}
    if tables.get(TRAUMA_SITE):
        lists[TRAUMA_SITE] = "diagnosis"
    for table in ("mdc_condition", "adrg_condition", "adrg_condition_variant"):
        for number, row in enumerate(tables.get(table, []), start=2):
            for zh, en in _number_clause(row) if row["role"] in NUMBER_ROLES else _list_clause(row, lists):
                yield Problem(f"{table}.csv", number, zh, en)


def _lists(tables: Mapping[str, list[Row]]) -> Iterator[Problem]:
    """A list has a name of its own, one terminology, and codes as cleaned ones are written: others are never met."""
    systems: dict[str, str] = {}
    for number, row in enumerate(tables["code_list"], start=2):
        name, code = row["list_id"], row["code"]
        if name == TRAUMA_SITE or (name.startswith("MDC") and len(name) == 4):
            zh, en = f"{name} 是另一张表的清单", f"{name} is the list of another table"
            yield Problem("code_list.csv", number, zh, en)
        if systems.setdefault(name, row["code_system"]) != row["code_system"]:
            zh, en = f"{name} 混有诊断与手术操作", f"{name} mixes diagnoses and procedures"
            yield Problem("code_list.csv", number, zh, en)
        if code != code.strip() or code[:1] != code[:1].upper() or "X" in code[1:]:
            zh, en = (
                f"编码“{code}”要去掉空格、首字母大写、x 小写",
                f"code {code!r}: no blanks, a capital first, x lower case",
            )
            yield Problem("code_list.csv", number, zh, en)


def _number_clause(row: Row) -> Iterator[tuple[str, str]]:
    role, lower, upper = row["role"], row["lower_inclusive"], row["upper_exclusive"]
    if row["list_id"] or not (lower or upper):
        yield f"{role} 要写上下界,不写清单", f"{role} wants bounds and no list"
    elif lower and upper and not float(lower) < float(upper):
        yield f"{role} 的下界 {lower} 不低于上界 {upper}", f"{role}: {lower} is not below {upper}"


def _list_clause(row: Row, lists: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    role, name, least = row["role"], row["list_id"], row["min_count"]
    if lists.get(name) != LIST_ROLES[role]:
        zh = f"没有清单 {name or '(空)'},或它不是{'诊断' if LIST_ROLES[role] == 'diagnosis' else '手术操作'}清单"
        yield zh, f"{name or '(empty)'} is no list of {LIST_ROLES[role]} codes"
    if (role == TRAUMA_SITE) != (name == TRAUMA_SITE):
        yield f"{TRAUMA_SITE} 只与同名清单相配", f"role and list {TRAUMA_SITE} go together only"
    if row["quantifier"] == "none" and role != "any_procedure":
        yield "none 只用于 any_procedure", "none goes with any_procedure only"
    if row["quantifier"] == "any" and (not least or int(least) < 1):
        yield "any 要写 min_count,至少为 1", "any wants a min_count, at least 1"
    if role.startswith("principal_") and least and int(least) > 1:
        yield "主要诊断、主要手术只有一个", "there is one principal diagnosis and one principal procedure"
    if not row["quantifier"]:
        yield "要写 quantifier(any 或 none)", "quantifier is missing: any or none"


def _severities(tables: Mapping[str, list[Row]]) -> Iterator[Problem]:
    """Every case of an ADRG finds exactly one group: one per rule, the last of which asks for nothing."""
    rules: dict[str, list[str]] = defaultdict(list)
    for row in tables["drg"]:
        rules[row["adrg"]].append(row["severity_rule"])
    for adrg in sorted(row["adrg"] for row in tables["adrg"]):
        found = rules.get(adrg, [])
        whole = "unsplit" in found and len(found) > 1
        if whole or len(found) != len(set(found)) or len(set(found) & set(_LAST_RULES)) != 1:
            zh = f"{adrg} 的细分组 {'、'.join(found) or '没有'}:每种依据至多一个,otherwise 与 unsplit 恰有一个,unsplit 独用"
            en = f"groups of {adrg}: {', '.join(found) or 'none'}; each rule at most once, one of otherwise and unsplit, unsplit alone"
            yield Problem("drg.csv", 0, zh, en)
