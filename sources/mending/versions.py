"""Every version of one row that a deliverer ever sent: what it said, when it became known, and which version counts.

Here: reading versions out of the conformed feed by key, in the order in which the warehouse weighs them. Not here: the rule
itself (dbt's newest_version) or rows in quarantine (they have no key that can be trusted).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sources.base.engine import cursor, literals
from sources.base.home import Home
from sources.base.privacy import pseudonym
from sources.contracts.contract import Contract
from sources.contracts.load import load_contracts
from sources.contracts.words import conformed_name
from sources.intake.standing import IN_FORCE, read_standing

_TECHNICAL = ("source_batch_id", "source_file", "source_line", "op_flag", "src_update_ts", "row_hash")


@dataclass(frozen=True)
class Version:
    """One delivered version of a row. `key` is the whole key {conformed column: value}, `known_since` the time at which its
    file was last written in the inbox (a database: of the extraction), `changed` what differs from the version
    before: {conformed column: (before, now)}. A version of a batch that is not in force cannot count; of the others exactly one
    is `newest`, and it does not count when it says deleted.
    """

    institution_id: str
    key: dict[str, str]
    delivery_month: str
    event_time: str | None
    src_update_ts: datetime | None
    known_since: datetime | None
    op_flag: str | None
    source_file: str
    source_line: int
    changed: dict[str, tuple[Any, Any]]
    standing: str
    newest: bool

    @property
    def counts(self) -> bool:
        return self.newest and (self.op_flag or "I") != "D"


def key_values(contract: Contract, given: dict[str, str], secret: bytes) -> dict[str, str]:
    """{conformed column: value} of a key given in the contract's columns; what is pseudonymised is looked for as such.

    Raises ValueError for a column that is no part of the key, or a pseudonym whose scope is not given.
    """
    found: dict[str, str] = {}
    for name, value in given.items():
        if name not in contract.key:
            parts = "、".join(contract.key)
            raise ValueError(
                f"{name} 不是 {contract.feed} 的键列,键为 {parts} / is no key column; the key is {parts}"
            )
        column = contract.column(name)
        rule = column.privacy.pseudonym if column.privacy else None
        if rule is None or rule.beside:
            found[conformed_name(column)] = value
            continue
        if rule.scope and rule.scope not in given:
            raise ValueError(
                f"{name} 已假名化,还要给出 {rule.scope} / is pseudonymised: give {rule.scope} as well"
            )
        scope = given[rule.scope] if rule.scope else ""
        found[rule.as_] = pseudonym(secret, rule.namespace, scope, value)
    return found


def versions(home: Home, feed: str, key: dict[str, str], institution: str | None = None) -> list[Version]:
    """Versions with this key ({conformed column: value}, all of the key or a part), oldest first; one list per full key."""
    contract = load_contracts()[feed]
    files = sorted((home.conformed / feed).glob("institution_id=*/month=*/*.parquet"))
    if not files or not list(home.batch_outcome.glob("*.parquet")):
        return []
    partition = ", ".join(f'f."{name}"' for name in contract.counts_once_per)
    wanted = " and ".join(f'f."{name}"::varchar = ?' for name in key) or "true"
    standing = {batch_id: row.standing for batch_id, row in read_standing(home, feed).items()}
    dead = literals(b for b, said in sorted(standing.items()) if said != IN_FORCE) or "''"
    # A deletion without a time is as new as the newest time known of its key, as in the warehouse (newest_version).
    moment = f"""coalesce(f.src_update_ts, case when f.op_flag = 'D' then
        max(f.src_update_ts) filter (is_in_force) over (partition by f.institution_id, {partition}) end)"""
    order = "f.moment desc nulls last, b.first_landed_at desc nulls last, f.source_batch_id desc, f.source_line desc"
    sql = f"""select f.* exclude (moment), b.first_landed_at,
            row_number() over (partition by f.institution_id, {partition} order by f.is_in_force desc, {order}) as weight
        from (select f.*, f.source_batch_id not in ({dead}) as is_in_force, {moment} as moment
            from read_parquet(?, hive_partitioning = true, hive_types_autocast = false) f) f
        left join read_parquet(?) b on b.batch_id = f.source_batch_id
        where {wanted} and (? is null or f.institution_id = ?)
        order by f.institution_id, {partition}, weight desc"""
    with cursor() as connection:
        outcomes = [str(path) for path in sorted(home.batch_outcome.glob("*.parquet"))]
        parameters = [[str(path) for path in files], outcomes, *key.values(), institution, institution]
        rows = connection.execute(sql, parameters).to_arrow_table().to_pylist()
    return _told(rows, contract, standing)


def _told(rows: list[dict[str, Any]], contract: Contract, standing: dict[str, str]) -> list[Version]:
    own = [c.name for c in contract.conformed if c.name not in _TECHNICAL]
    identity = ("institution_id", *contract.counts_once_per)
    found: list[Version] = []
    before: dict[str, Any] | None = None
    for row in rows:
        if before is not None and any(before[name] != row[name] for name in identity):
            before = None
        changed = {} if before is None else {n: (before[n], row[n]) for n in own if before[n] != row[n]}
        moment = row.get(contract.event_time) if contract.event_time else None
        found.append(
            Version(
                institution_id=row["institution_id"],
                key={name: str(row[name]) for name in identity[1:] if row[name] is not None},
                delivery_month=row["month"],
                event_time=None if moment is None else str(moment),
                src_update_ts=row["src_update_ts"],
                known_since=row["first_landed_at"],
                op_flag=row["op_flag"],
                source_file=row["source_file"],
                source_line=row["source_line"],
                changed=changed,
                standing=standing.get(row["source_batch_id"], IN_FORCE),
                newest=row["weight"] == 1 and row["is_in_force"],
            )
        )
        before = row
    return found
