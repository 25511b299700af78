"""What registers say of people, in the clear while in memory and encrypted at rest.

Belongs here: reading names, birth dates, cards, telephones and addresses of accepted rows out of the landing, made
comparable, kept with their tokens per batch under `<home>/identity/attributes` (a key of its own for every batch) so that
a landed batch is read once. Does not belong here: what a row is (rows), which row of a record counts (newest).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

from sources.base.files import replacing
from sources.base.home import Home
from sources.base.privacy import derived_key
from sources.conforming import values
from sources.conforming.normalise import normalise
from sources.connectors.delivered import LINE
from sources.contracts.contract import Contract
from sources.contracts.load import registers
from sources.contracts.words import Linkage
from sources.county.county import County
from sources.identity import contacts, names
from sources.identity.engines import private_connection
from sources.identity.rows import KEPT_SCHEMA, unlock, with_tokens
from sources.intake.landing import Landing
from sources.intake.manifest import Manifest, read_manifest
from sources.intake.outcome import CONFORMED_STATUS, read_batch_outcome
from sources.intake.standing import out_of_force
from sources.mappings.plan import FeedPlan

ATTRIBUTES_VERSION = "2"
# Rows decrypted at a time.
_GROUP_ROWS = 131_072
_NO_INSTITUTIONS = pa.array([], pa.string())
_CLEAR: tuple[Linkage, ...] = ("name", "id_card", "birth_date", "phone", "address")


@dataclass(frozen=True)
class _Batch:
    """A conformed batch of a register, and what decides how its rows were conformed."""

    manifest: Manifest
    plan: FeedPlan
    fingerprint: str
    conformed: Path


class Attributes:
    """The encrypted store of one home folder."""

    def __init__(self, county: County, home: Home) -> None:
        self._county, self._home = county, home
        self._secret = county.pseudonym_key(os.environ)
        self._landing = Landing(home, self._secret)

    def parts(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Every accepted row of every register that counts, batch by batch; only these columns are decrypted."""
        for path, batch in sorted(self._kept.items()):
            file = pq.ParquetFile(
                path, decryption_properties=pe.create_decryption_properties(self._key(batch))
            )
            for group in range(file.num_row_groups):
                yield file.read_row_group(group, columns=list(columns))

    @cached_property
    def _kept(self) -> dict[Path, str]:
        """{file: batch id} of every batch that counts. Files of batches not seen before are made, others removed."""
        kept = {}
        for batch in self._batches():
            path = self._path(batch)
            kept[path] = batch.manifest.batch_id
            if not path.is_file():
                self._keep(path, batch)
        for path in self._home.identity_attributes.glob("*/*.parquet"):
            if path not in kept:
                path.unlink()
        return kept

    def _batches(self) -> Iterator[_Batch]:
        for feed in (contract.feed for contract in registers().values()):
            not_counting = out_of_force(self._home, feed)
            for path in sorted(self._home.landing.glob(f"{feed}/institution_id=*/month=*/*/manifest.json")):
                manifest = read_manifest(path)
                outcome = read_batch_outcome(self._home, manifest.batch_id)
                place = (feed, manifest.institution_id, manifest.month, manifest.batch_id)
                conformed = self._home.conformed_batch(*place)
                if manifest.batch_id in not_counting:
                    continue
                if outcome is None or outcome[0].status != CONFORMED_STATUS or not conformed.is_file():
                    continue
                mapping = self._county.mappings.get(outcome[0].mapping)
                if mapping is not None and feed in mapping.mapping.feeds:
                    yield _Batch(manifest, mapping.plan(feed), outcome[1], conformed)

    def _path(self, batch: _Batch) -> Path:
        name = f"{batch.manifest.batch_id}-{batch.fingerprint[:16]}-{ATTRIBUTES_VERSION}.parquet"
        return self._home.identity_attributes / batch.manifest.feed / name

    def _keep(self, path: Path, batch: _Batch) -> None:
        batch_id = batch.manifest.batch_id
        encryption = pe.create_encryption_properties(self._key(batch_id), aad_prefix=batch_id.encode())
        with (
            replacing(path) as temporary,
            pq.ParquetWriter(
                temporary, KEPT_SCHEMA, compression="snappy", encryption_properties=encryption
            ) as writer,
        ):
            for rows in self._extracted(batch):
                writer.write_table(rows, row_group_size=_GROUP_ROWS)

    def _key(self, batch_id: str) -> bytes:
        return derived_key(self._secret, f"identity {batch_id}")

    def _extracted(self, batch: _Batch) -> Iterator[pa.Table]:
        """Accepted rows of a batch with their clear values beside their pseudonyms, chunk by chunk."""
        contract, manifest = batch.plan.contract, batch.manifest
        statement = _statement(contract, batch.plan.mapping.date_order)
        with private_connection() as con:
            unlock(con, self._secret)
            con.register("conformed", pq.ParquetFile(batch.conformed).read(_conformed_columns(statement)))
            con.execute("set variable landed = ?::timestamp", [manifest.first_landed_at])
            con.execute("set variable deliverer = ?", [manifest.institution_id])
            for rows in self._landing.chunks(manifest):
                text = normalise(
                    rows, batch.plan, manifest.institution_id, _NO_INSTITUTIONS, _NO_INSTITUTIONS
                ).table
                con.register("clear", _clear(text, contract))
                yield con.execute(statement).to_arrow_table().cast(KEPT_SCHEMA)


def _conformed_columns(statement: str) -> list[str]:
    """The conformed columns that a statement names."""
    return sorted(set(re.findall(r"\bc\.(\w+)", statement)))


def _clear(text: pa.Table, contract: Contract) -> pa.Table:
    """LINE and one text column per linkage, folded to half width; names read; null where a feed has no such column."""
    source = {column.linkage: column.name for column in contract.columns if column.linkage}
    columns: dict[str, pa.Array | pa.ChunkedArray] = {LINE: text.column(LINE)}
    for linkage in _CLEAR:
        name = source.get(linkage)
        values_ = pa.chunked_array([pa.nulls(text.num_rows, pa.string())])
        if name in text.column_names:
            values_ = pa.chunked_array([text.column(name).combine_chunks()])
        if linkage == "name":
            columns |= names.columns(values_)
        else:
            columns[linkage] = pc.utf8_normalize(values_, form="NFKC")
    return pa.table(columns)


def _statement(contract: Contract, date_order: str) -> str:
    names_ = {column.linkage: column for column in contract.columns if column.linkage}
    conformed = {column.name for column in contract.conformed}

    def column(name: str | None, sql_type: str) -> str:
        return f"c.{name}" if name in conformed else f"null::{sql_type}"

    sex, division = names_.get("sex"), names_.get("division")
    institution = ", ".join(
        [*(f"c.{name}" for name in contract.institution_columns), "getvariable('deliverer')"]
    )
    privacy = names_["id_card"].privacy
    assert privacy is not None and privacy.id_card is not None, f"{contract.feed}: no pseudonym of a card"
    card = privacy.id_card
    body = values.id_card_body("t.id_card")
    # A day that conforming did not accept (a placeholder, the year 2201) is no birth date here either.
    birth = values.timestamp("t.birth_date", date_order)
    told = f"""
        select
            '{contract.register_of}' as key_type, c.{contract.register_key} as local_key,
            t.name, t.sound, t.surname_sound,
            case when length(t.id_card) = 18 then upper(t.id_card) else {body} || {values.id_card_check(body)} end as card,
            {column(card.status_as, "varchar")} as card_status, {column(card.as_, "varchar")} as id_card_key,
            {column("insurance_key", "varchar")} as insurance_key, {column("ehr_key", "varchar")} as ehr_key,
            nullif({column(sex.name if sex else None, "varchar")}, '9') as sex,
            case when year({birth}) = {column("birth_year", "integer")} then ({birth})::date end as birth,
            {contacts.phone("t.phone")} as phone,
            {contacts.address_words("t.address")} as address_words,
            {contacts.address_numbers("t.address")} as address_numbers,
            {column(division.name if division else None, "varchar")} as division,
            coalesce({column("is_test", "boolean")}, false) as is_test,
            c.src_update_ts, getvariable('landed') as first_landed_at, coalesce({institution}) as institution_id,
            c.source_file, c.source_batch_id, c.source_line
        from conformed as c
        join (select * from clear qualify row_number() over (partition by {LINE}) = 1) as t
            on t.{LINE} = c.source_line
        where c.{contract.register_key} is not null
    """
    return f"{with_tokens(f'({told})')} order by source_line"
