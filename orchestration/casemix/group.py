"""DRG: cases of a file grouped by a scheme. Not here: how a case is grouped (dbt_project/models/casemix), schemes (sources/casemix)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.casemix import build_models, read_cases, require_place, scratch_home, write_result
from sources.base.engine import connect, literal
from sources.casemix.grouping import write_grouping
from sources.casemix.scheme import scheme_folders
from sources.casemix.switches import Switches
from sources.reference import write_reference

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COLUMNS = ("case_id", "sex", "age_years", "age_days", "birth_weight_g", "diagnoses", "procedures")
RESULT = ("case_id", "status", "reason", "mdc", "adrg", "drg", "decided_by")
_MODELS = ("casemix_code", "casemix_mdc_hit", "casemix_adrg_hit", "casemix_group")
_NUMBERS = ("age_years", "age_days", "birth_weight_g")
_SEPARATOR = "|"
# Larger than any age in days or weight in grams; what is no number is not between.
_MOST = 100_000
_BLANKS = " \t\r\n\u00a0\u3000"


def group_cases(
    cases: Path, out: Path, scheme: str, switches: Switches, county_folder: Path | None = None
) -> dict[str, int]:
    """Group the cases of a CSV file and write the result, one row each in the order given. Returns {status: cases}.

    Raises CasesError if the file cannot be read, SchemeError if there is no such scheme.
    """
    require_place(out)
    with scratch_home() as home:
        write_grouping(home.casemix, scheme_folders(county_folder), [(scheme, switches)])
        with connect(home.build_database) as connection:
            read_cases(connection, cases, COLUMNS)
            _put(connection, switches.name(scheme))
        write_reference(home)
        build_models(home, _MODELS)
        with connect(home.build_database, read_only=True) as connection:
            return write_result(connection, out, "casemix_group", RESULT, "status")


def _put(connection: DuckDBPyConnection, scheme: str) -> None:
    """The cases in the place of the warehouse's tables. A cell that is no number refuses its case, not the file."""
    wrong = " ".join(
        f"when {name} is not null and not coalesce(try_cast({name} as double), -1) between 0 and {_MOST} "
        f"then '{name}_invalid'"
        for name in _NUMBERS
    )
    connection.execute("create schema casemix")
    connection.execute(f"""
        create table casemix.casemix_case as
        select
            place as case_number,
            case_id,
            {literal(scheme)} as scheme,
            case when sex not in ('0', '1', '2', '9') then 'sex_invalid' {wrong} end as refused_because,
            cast(case when sex in ('1', '2') then sex end as integer) as sex,
            {_whole("age_years")} as age_years,
            {_whole("age_days")} as age_days,
            nullif({_number("birth_weight_g")}, 0) as birth_weight_g
        from given
    """)
    connection.execute(f"""
        create table casemix.casemix_delivered_code as
        select
            case_number, terminology, position, code, cast(null as varchar) as translated_code, false as is_decided
        from ({_codes("diagnosis", "diagnoses")} union all {_codes("procedure", "procedures")})
        where code <> ''
    """)


def _number(name: str) -> str:
    """The cell as a number, null if it is none that can be."""
    return f"case when try_cast({name} as double) between 0 and {_MOST} then try_cast({name} as double) end"


def _whole(name: str) -> str:
    return f"cast(floor({_number(name)}) as integer)"


def _codes(terminology: str, column: str) -> str:
    """Every code of the cells of a column, with its place in the cell."""
    return (
        f"select place as case_number, {literal(terminology)} as terminology, position, "
        f"trim(parts[position], {literal(_BLANKS)}) as code "
        f"from (select place, string_split({column}, {literal(_SEPARATOR)}) as parts from given) as g, "
        "unnest(range(1, len(g.parts) + 1)) as u(position)"
    )
