"""What county.yml and mappings may say of databases, and what is said back when they may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.base.refusal import RefusedError
from sources.connectors.databases.address import resolve
from sources.county.county import CountyError, check
from sources.mappings.databases import query_problem
from tests.sources.connectors.databases.making import SQLITE, VISITS, VisitDatabase, database_county
from tests.sources.connectors.databases.servers import URL


def problems(folder: Path, mapping: str = VISITS, database: str = f"{{url_env: {URL}}}") -> list[str]:
    """Every problem of a county with that mapping and database, as people read them."""
    try:
        database_county(folder, mapping, database)
    except CountyError as error:
        assert error.problems == check(folder)
        return [str(problem) for problem in error.problems]
    return []


def test_a_county_with_a_database_is_accepted_without_the_database(tmp_path: Path) -> None:
    assert problems(tmp_path / "county") == []


@pytest.mark.parametrize(
    ("database", "said"),
    [
        ("{}", "url_env"),
        ("{url_env: X, sqlite: databases/a.sqlite}", "url_env"),
        ("{url_env: 'postgresql://u:p@h/d'}", "url_env"),
        ("{sqlite: ../a.sqlite}", "inside the county folder"),
        ("{sqlite: /a.sqlite}", "inside the county folder"),
        ("{url_env: X, text_encoding: gbk2}", "text_encoding"),
        ("{url: X}", "url"),
    ],
)
def test_an_unusable_place_is_named_with_its_line(tmp_path: Path, database: str, said: str) -> None:
    found = problems(tmp_path / "county", database=database)
    assert any(said in problem for problem in found)
    assert all(problem.startswith("county.yml:") for problem in found)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "table: MZJZ",
            "table: MZJZ\n    file: '{institution}/{month}/x.csv'",
            "one of `file`, `table` or `query`",
        ),
        ("    table: MZJZ\n", "", "one of `file`, `table` or `query`"),
        ("table: MZJZ", "query: delete from mzjz", "SELECT"),
        ("table: MZJZ", "query: select 1; select 2", "one statement"),
        ("table: MZJZ", "query: selec x from y", "Line 1"),
        ("table: MZJZ", "file: '{institution}/{month}/x.csv'", "go with `table` or `query`"),
    ],
)
def test_an_unusable_mapping_is_named_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    found = problems(tmp_path / "county", VISITS.replace(old, new))
    assert any(said in problem and problem.startswith("mappings/db.yml:") for problem in found)


def test_a_mapping_with_tables_needs_a_database(tmp_path: Path) -> None:
    folder = tmp_path / "county"
    database_county(folder, VISITS)
    path = folder / "county.yml"
    text = path.read_text(encoding="utf-8").replace(f", database: {{url_env: {URL}}}", "")
    path.write_text(text, encoding="utf-8")
    assert any("来自数据库" in str(problem) for problem in check(folder))


def test_a_database_needs_a_mapping_with_tables(tmp_path: Path) -> None:
    folder = tmp_path / "county"
    (folder).mkdir()
    VisitDatabase(folder)
    database_county(folder, VISITS, SQLITE)
    path = folder / "county.yml"
    text = path.read_text(encoding="utf-8").replace(
        "{institution: H34062100101, mapping: vendor}",
        f"{{institution: H34062100101, mapping: vendor, database: {SQLITE}}}",
    )
    path.write_text(text, encoding="utf-8")
    assert any("no table or query" in str(problem) for problem in check(folder))


@pytest.mark.parametrize(
    "query",
    [
        "select a from t",
        "with x as (select 1 as a) select * from x",
        "select `a` from `b` where ny = '{yyyymm}'",
        "select top 10 [列 一] from dbo.t with (nolock)",
        "select nvl(a, 0) from t where rownum < 5",
        "select a from t union all select a from u",
        "select ';' as a",
        "select a::text from t -- 全部\n",
    ],
)
def test_selects_of_every_grammar_are_accepted(query: str) -> None:
    assert query_problem(query) is None


@pytest.mark.parametrize(
    "query",
    [
        "insert into t values (1)",
        "with x as (delete from t returning a) select * from x",
        "select a into u from t",
        "select a from t for update",
        "select 1; drop table t",
        "truncate table t",
        "call p()",
        "create table u as select * from t",
        "",
        "-- nothing",
    ],
)
def test_anything_else_is_not(query: str) -> None:
    assert query_problem(query) is not None


def test_the_parts_of_an_address() -> None:
    url = "mariadb+pymysql://le%40ser:ge%2Fheim@db.example:3307/his?ssl_ca=/ca.pem"
    address = resolve("X", None, None, Path(), {"X": url})
    assert (address.kind, address.host, address.port, address.database) == (
        "mysql",
        "db.example",
        3307,
        "his",
    )
    assert (address.user, address.password, address.options) == ("le@ser", "ge/heim", {"ssl_ca": "/ca.pem"})
    assert "ge" not in repr(address).replace("text_encoding", "")


@pytest.mark.parametrize("url", ["", "his", "http://x/y", "mysql://h:port/d", "mysql://h:99999/d"])
def test_an_unusable_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(RefusedError) as refused:
        resolve("THE_VARIABLE", None, None, Path(), {"THE_VARIABLE": url})
    assert refused.value.refusal.code == "DATABASE_NOT_CONFIGURED"
    assert "THE_VARIABLE" in refused.value.refusal.message_en
    assert not url or url not in str(refused.value)
