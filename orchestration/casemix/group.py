"""DRG: cases of a file grouped by a scheme. Not here: how a case is grouped (dbt_project/models/casemix), schemes (sources/casemix)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.casemix import build_models, read_cases, scratch_home, write_result
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


def group_cases(
    cases: Path, out: Path, scheme: str, switches: Switches, county_folder: Path | None = None
) -> dict[str, int]:
    """Group the cases of a CSV file and write the result, one row each in the order given. Returns {status: cases}.

    Raises CasesError if the file cannot be read, SchemeError if there is no such scheme.
    """
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
        f"when {name} is not null and coalesce(try_cast({name} as double), -1) < 0 then '{name}_invalid'"
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
            cast(floor(try_cast(age_years as double)) as integer) as age_years,
            cast(floor(try_cast(age_days as double)) as integer) as age_days,
            try_cast(birth_weight_g as double) as birth_weight_g
        from given
    """)
    connection.execute(f"""
        create table casemix.casemix_delivered_code as
        select case_number, terminology, position, trim(code) as code, cast(null as varchar) as translated_code
        from ({_codes("diagnosis", "diagnoses")} union all {_codes("procedure", "procedures")})
        where trim(code) <> ''
    """)


def _codes(terminology: str, column: str) -> str:
    parts = f"string_split({column}, {literal(_SEPARATOR)})"
    return (
        f"select place as case_number, {literal(terminology)} as terminology, unnest({parts}) as code, "
        f"generate_subscripts({parts}, 1) as position from given"
    )
