"""What a policy table is made of: its columns, its key, and the columns that every one has.

Not here: the tables (the modules beside).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PolicyColumn:
    """One column of a policy file: `kind` is text, institution, community, number, integer, flag (0/1), date, month or kpi.

    in_header: whether the header must name it, filled or not.
    """

    name: str
    kind: str
    required: bool = True
    choices: tuple[str, ...] = ()
    in_header: bool = True


def text(name: str, *choices: str, required: bool = True) -> PolicyColumn:
    return PolicyColumn(name, "text", required, choices)


def institution(name: str = "institution_id", required: bool = True) -> PolicyColumn:
    return PolicyColumn(name, "institution", required)


def community() -> PolicyColumn:
    return PolicyColumn("community_id", "community")


def optional(name: str, kind: str = "number") -> PolicyColumn:
    return PolicyColumn(name, kind, required=False)


COMMON = (
    PolicyColumn("effective_from", "date"),
    optional("effective_to", "date"),
    PolicyColumn("assumption", "flag"),
    optional("origin", "text"),
)


@dataclass(frozen=True)
class PolicyTable:
    """A policy file: its own columns, the key that only one row may hold at a time, and whether it may be absent.

    continuous: rows of one key follow each other without a day between them. once: a key has one row, whatever its period: it is a
    thing that happened. of_days: a row says something of its days; those
    of other tables say what counts in a month on whose last day they are in force. personal: rows say something of single people,
    so no release takes them with it (their hash is among its inputs).
    """

    name: str
    own_columns: tuple[PolicyColumn, ...]
    key: tuple[str, ...]
    optional: bool = False
    continuous: bool = True
    once: bool = False
    of_days: bool = False
    personal: bool = False

    @property
    def columns(self) -> tuple[PolicyColumn, ...]:
        return (*self.own_columns, *COMMON)

    @property
    def names_members(self) -> bool:
        """Whether its rows are about single institutions or communities, so that another county's are of no use."""
        return any(
            column.required and column.kind in ("institution", "community") for column in self.own_columns
        )


KPI = PolicyColumn("kpi_id", "kpi")
