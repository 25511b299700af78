"""The county folder around the inbox: county.yml, mappings, policy, truth.

Not here: the inbox (delivered/) and the policy tables (policies.py).
"""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from sources.simulator.delivered.outbox import LOG_COLUMNS
from sources.simulator.delivered.writing import csv_table
from sources.simulator.ground.calendar import CalendarMonth
from sources.simulator.ground.text import pick
from sources.simulator.happening import public_health
from sources.simulator.people.registers import patient_id
from sources.simulator.state.anomalies import COLUMNS as ANOMALY_COLUMNS
from sources.simulator.state.world import World


def prepare(directory: Path, county: Path, months: list[CalendarMonth]) -> None:
    """Copy the demo county's mappings and its county.yml with the simulated months. The folder must be empty or new.

    Raises FileExistsError when something already stands there.
    """
    directory.mkdir(parents=True, exist_ok=True)
    if any(directory.iterdir()):
        raise FileExistsError(f"{directory} is not empty: a simulated county needs a new folder")
    (directory / "mappings").mkdir()
    for source in sorted((county / "mappings").glob("*.yml")):
        shutil.copyfile(source, directory / "mappings" / source.name)
    text = (county / "county.yml").read_text(encoding="utf-8")
    lines = [_dated(line, months) for line in text.splitlines()]
    (directory / "county.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (directory / "truth").mkdir()


def _dated(line: str, months: list[CalendarMonth]) -> str:
    if line.startswith("first_month:"):
        return f'first_month: "{months[0].name}"\nlast_month: "{months[-1].name}"'
    return line


def write_log(directory: Path, log: Iterable[tuple]) -> None:
    """truth/defect.csv."""
    rows = sorted(log, key=lambda entry: (entry[0], entry[1], entry[2], entry[3], entry[5]))
    (directory / "truth" / "defect.csv").write_bytes(csv_table(LOG_COLUMNS, rows))


def write_anomalies(directory: Path, rows: Iterable[tuple]) -> None:
    """truth/anomaly.csv."""
    numbered = [(f"A{number:06d}", *row) for number, row in enumerate(sorted(rows), start=1)]
    (directory / "truth" / "anomaly.csv").write_bytes(csv_table(ANOMALY_COLUMNS, numbered))


def write_people(directory: Path, world: World) -> None:
    """truth/person.csv (which local records belong to one person) and truth/resident.csv (who the person is)."""
    people, take = world.people, pa.array(np.arange(world.people.count))
    order = [(name, "ascending") for name in ("person_id", "feed", "institution_id", "local_id")]
    _csv(directory / "truth" / "person.csv", pa.concat_tables(_records(world)).sort_by(order))
    inside = slice(0, people.count)
    resident = {
        "person_id": take,
        "name": people.name.take(take),
        "id_no": people.id_text.take(take),
        "sex": pa.array(people.sex[inside]),
        "birth_date": pa.array(people.birth[inside]),
        "phone": people.phone.take(take),
        "address": people.address.take(take),
        "household_id": pa.array(people.household[inside]),
        "twin_of": pa.array(people.twin[inside], mask=people.twin[inside] < 0),
        "insu_no": people.insurance_no.take(take),
        "ehr_no": people.ehr_no.take(take),
    }
    _csv(directory / "truth" / "resident.csv", pa.table(resident))


def _records(world: World) -> list[pa.Table]:
    """Every record of a resident that some register, health-record or insurance list holds."""
    people, layout, registers = world.people, world.layout, world.registers
    place, who = np.nonzero(registers.number[:, : people.count] >= 0)
    recorded = np.flatnonzero(world.health.created <= world.months[-1].last_day)
    copied, copied_number = public_health.copied_records(people, world.health, recorded)
    insured = np.flatnonzero(people.insured[: people.count])
    twice = np.concatenate(registers.again)
    public, insurance = (pa.scalar(layout.platforms[kind]) for kind in ("PH", "SI"))
    parts = [
        (who, pick(layout.codes, place), "his_patient", registers.column(place, who)),
        (twice[:, 1], pick(layout.codes, twice[:, 0]), "his_patient", patient_id(twice[:, 2])),
        (recorded, public, "ph_ehr", pick(people.ehr_no, recorded)),
        (copied, public, "ph_ehr", copied_number),
        (insured, insurance, "si_insured", pick(people.insurance_no, insured)),
    ]
    return [
        pa.table(
            {
                "person_id": pa.array(person),
                "institution_id": _repeated(where, len(person)),
                "feed": _repeated(pa.scalar(feed), len(person)),
                "local_id": local,
            }
        )
        for person, where, feed, local in parts
    ]


def _repeated(value: pa.Array | pa.Scalar, size: int) -> pa.Array:
    return value if isinstance(value, pa.Array) else pa.repeat(value, size)


def _csv(path: Path, table: pa.Table) -> None:
    pa.csv.write_csv(table, path, pa.csv.WriteOptions(quoting_style="none"))


def settle_times(directory: Path, month: CalendarMonth) -> None:
    """Give everything outside the inbox one modification time, so that two runs make the same folder."""
    moment = int(month.end.astype(np.int64))
    for path in sorted(directory.rglob("*")):
        if path.is_file() and "inbox" not in path.relative_to(directory).parts:
            os.utime(path, (moment, moment))
