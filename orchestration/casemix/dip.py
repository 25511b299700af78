"""DIP: cases of a file settled by the rule rows of another.

Not here: how a case is settled (dbt_project/models/casemix/casemix_dip_settlement.sql), what a rule row may say
(sources/county/policy_tables.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.casemix import (
    CasesError,
    build_models,
    read_cases,
    require_place,
    scratch_home,
    write_result,
)
from sources.base.engine import connect
from sources.base.files import write_parquet
from sources.base.home import Home
from sources.county.policy import typed_policy

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NUMBERS = (
    "score",
    "auxiliary_factor",
    "institution_factor",
    "mean_cost_fen",
    "total_cost_fen",
    "point_value",
)
COLUMNS = ("case_id", "region", "dip_type", "insurance", *_NUMBERS)
RESULT = ("case_id", "cost_ratio", "deviation", "deviation_factor", "settlement_score", "settlement_fen")
_RULES = "dip_rule"
# Rules of a file hold always; its cases have no day.
_DAY = "2000-01-01"
_IN_FORCE = {"effective_from": _DAY, "effective_to": "", "assumption": "0", "origin": ""}
_MOST = 1e15


def settle_cases(cases: Path, rules: Path, out: Path) -> dict[str, int]:
    """Settle the cases of a CSV file by the rules of another; one row each in the order given. Returns {deviation: cases}.

    Raises CasesError if one of them cannot be read, with every problem of the rules.
    """
    require_place(out)
    with scratch_home() as home:
        _put_rules(home, rules)
        with connect(home.build_database) as connection:
            read_cases(connection, cases, COLUMNS)
            _put_cases(connection, cases)
        build_models(home, ("casemix_dip_settlement",))
        with connect(home.build_database, read_only=True) as connection:
            return write_result(connection, out, "casemix_dip_settlement", RESULT, "deviation")


def _put_rules(home: Home, rules: Path) -> None:
    """The rules as the policy table that they are in a county."""
    if not rules.is_file():
        raise CasesError(f"没有这个文件 {rules} / there is no such file")
    table, problems = typed_policy(rules, _RULES, _IN_FORCE)
    if problems:
        raise CasesError(
            "\n".join(f"{rules.name}:{p.line} {p.message_zh} / {p.message_en}" for p in problems)
        )
    write_parquet(home.policy / f"{_RULES}.parquet", table)


def _put_cases(connection: DuckDBPyConnection, cases: Path) -> None:
    """A cell that is no number is told with its line: a case paid wrongly is worse than a file that is not read."""
    for name in _NUMBERS:
        wrong = connection.execute(
            f"select place + 1, coalesce({name}, '(空 empty)') from given "
            f"where not coalesce(try_cast({name} as double), -1) between 0 and {_MOST} order by place limit 1"
        ).fetchone()
        if wrong:
            raise CasesError(
                f"{cases.name} 第 {wrong[0]} 行 {name}:{wrong[1]} 不是 0 以上的数 / "
                f"line {wrong[0]}, {name}: {wrong[1]} is no number from 0 on"
            )
    numbers = ", ".join(f"cast({name} as double) as {name}" for name in _NUMBERS)
    connection.execute("create schema casemix")
    connection.execute(
        "create table casemix.casemix_dip_case as select case_id, coalesce(region, '') as region, "
        "coalesce(dip_type, '') as dip_type, coalesce(insurance, '') as insurance, "
        f"date '{_DAY}' as event_date, {numbers} from given"
    )
