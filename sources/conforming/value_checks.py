"""What is asked of every value, as conditions in SQL, each with the fault it means; the first that holds is the value's fault.

Built from the contract and the mapping. Not here: reading a value (values), the statement around the conditions (statement).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sources.base.engine import literal, literals, quoted
from sources.conforming import values
from sources.conforming.identifiers import NAME, PERSONAL_SUFFIX, is_free_text, is_searched
from sources.conforming.normalise import GAP_SUFFIX, KNOWN_SUFFIX, OWN_SUFFIX, has_gap_mark
from sources.conforming.personal import COVER
from sources.conforming.rules import Fault
from sources.contracts.date_bounds import bounds_of
from sources.contracts.words import Column
from sources.mappings.plan import FeedPlan

PARSED = "parsed:"
Check = tuple[str, Fault]


@dataclass(frozen=True)
class Checks:
    """The checks of one feed under one mapping."""

    plan: FeedPlan

    def of_text(self, column: Column) -> list[Check]:
        """Of a value that stays text, where it is there."""
        text = quoted(column.name)
        checks = [(values.lost_digits(text), Fault.TYPE_INVALID)]
        if column.valid_values:
            checks.append((f"{text} not in ({literals(column.valid_values)})", Fault.VALUE_NOT_IN_SET))
        elif column.max_length:
            checks.append((self._too_long(column), Fault.LENGTH_EXCEEDED))
        if column.references == "institution":
            checks.append((f"not {quoted(column.name + KNOWN_SUFFIX)}", Fault.UNKNOWN_INSTITUTION))
        owners = [name for name in self.plan.contract.owner_columns if name in self.plan.mapped_columns]
        if column.name in owners[:1]:
            own = " or ".join(f"coalesce({quoted(name + OWN_SUFFIX)}, false)" for name in owners)
            checks.append((f"not ({own})", Fault.INSTITUTION_OF_ANOTHER))
        if has_gap_mark(self.plan, column.name):
            checks.append((quoted(column.name + GAP_SUFFIX), Fault.DICTIONARY_GAP))
        return [*checks, *self._marks(column)]

    def _too_long(self, column: Column) -> str:
        """Longer than its column; the length of a stand-in says nothing of what was delivered."""
        too_long = f"length({quoted(column.name)}) > {column.max_length}"
        if is_free_text(column) or not is_searched(self.plan, column):
            return too_long
        return f"{too_long} and {quoted(column.name + PERSONAL_SUFFIX)} = 0"

    def _marks(self, column: Column) -> list[Check]:
        """What somebody should look at although the value stays (V10, V18, V36)."""
        text, marks = quoted(column.name), []
        source, declared = self.plan.columns.get(column.name), self.plan.declared_version(column.name)
        if declared and not (source and source.const):
            marks.append((f"{text} <> {literal(declared)}", Fault.CODE_SYSTEM_DIFFERS))
        if source and source.cut_at:
            marks.append((f"length({text}) = {source.cut_at}", Fault.TEXT_CUT_OFF))
        marks += self._personal_marks(column)
        card = self._id_card_column()
        if card and column.linkage == "sex":
            body, status = quoted(f"card_body:{card}"), quoted(f"card_status:{card}")
            differs = f"{text} in ('1', '2') and {text} <> (2 - {body} % 2)::varchar"
            marks.append((f"{status} = 'valid' and {differs}", Fault.SEX_NOT_AS_ID_CARD))
        return marks

    def _personal_marks(self, column: Column) -> list[Check]:
        if not is_searched(self.plan, column):
            return []
        found = quoted(column.name + PERSONAL_SUFFIX)
        if is_free_text(column):
            named = self._holds_own_name(column)
            return [(f"{found} > 0" + (f" or {named[0]}" if named else ""), Fault.PERSONAL_IN_TEXT)]
        return [(f"{found} = {NAME}", Fault.NAME_FOR_NUMBER), (f"{found} > 0", Fault.PERSONAL_IN_KEY)]

    def without_own_name(self, column: Column) -> str:
        """The text, with the row's own name covered where it is long enough to be one."""
        text, named = quoted(column.name), self._holds_own_name(column)
        if named is None:
            return text
        condition, name = named
        return f"case when {condition} then replace({text}, {name}, {literal(COVER)}) else {text} end"

    def _holds_own_name(self, column: Column) -> tuple[str, str] | None:
        """(condition that a free text holds the row's name, the name), None where that cannot be."""
        if not (is_searched(self.plan, column) and is_free_text(column)):
            return None
        for other in self.plan.contract.columns:
            if other.linkage == "name" and other.name in self.plan.mapped_columns:
                name = quoted(other.name)
                return f"length({name}) > 1 and contains({quoted(column.name)}, {name})", name
        return None

    def _id_card_column(self) -> str | None:
        for column in self.plan.contract.columns:
            if column.privacy and column.privacy.id_card and column.name in self.plan.mapped_columns:
                return column.name
        return None

    def of_parsed(self, column: Column, value: str) -> list[Check]:
        """Of a value that is read (`value` names it): unreadable, out of bounds, rounded, in the wrong order."""
        if column.format == "month":
            return [(f"{value} is null", Fault.DATE_INVALID)]
        if column.logical_type not in ("date", "timestamp"):
            return [(f"{value} is null", Fault.TYPE_INVALID), *self._rounding(column)]
        placeholders = {*values.PLACEHOLDER_DATES, *self.plan.mapping.placeholder_dates}
        # Bounds are given with every row, so that batches of several months can be judged at once.
        low, high = bounds_of(self.plan.contract, column)
        if column.open_ended:
            placeholders -= {"9999-12-31"}
            high = "timestamp '10000-01-01'"
        days = ", ".join(f"date '{day}'" for day in sorted(placeholders))
        missing = Fault.REQUIRED_MISSING if column.required else Fault.PLACEHOLDER_DATE
        return [
            (f"{value} is null", Fault.DATE_INVALID),
            (f"{value}::date in ({days})", missing),
            (f"{value} < {low} or {value} >= {high}", Fault.DATE_OUT_OF_RANGE),
            *self._order_checks(column, value),
            *self._serial_checks(column, value),
        ]

    def _serial_checks(self, column: Column, value: str) -> list[Check]:
        source = self.plan.columns.get(column.name)
        if source and source.join == "date_hour":
            return []
        return [(values.before_midnight(quoted(column.name), value), Fault.TIME_BEFORE_MIDNIGHT)]

    def _rounding(self, column: Column) -> list[Check]:
        """A number with more decimals than the contract keeps."""
        text, source = quoted(column.name), self.plan.columns.get(column.name)
        if column.is_money:
            return [
                (values.beyond_scale_of_money(text, self.plan.money_unit(column.name)), Fault.VALUE_ROUNDED)
            ]
        kept = re.fullmatch(r"DECIMAL\(\d+, ?(\d+)\)", column.duckdb_type)
        if kept is None:
            return []
        if source and source.factor is not None:
            value = quoted(PARSED + column.name)
            return [(values.beyond_scale_when_scaled(text, value, source.factor), Fault.VALUE_ROUNDED)]
        return [(values.beyond_scale(text, int(kept[1])), Fault.VALUE_ROUNDED)]

    def _order_checks(self, column: Column, value: str) -> list[Check]:
        """A time before the step that precedes it; where one of the two is a date, the days are compared."""
        earlier = column.not_before
        if earlier is None or not self._is_parsed(earlier):
            return []
        other, day = quoted(PARSED + earlier), ""
        if "date" in (column.logical_type, self.plan.contract.column(earlier).logical_type):
            day = "::date"
        return [(f"{value}{day} < {other}{day}", Fault.TIME_REVERSED)]

    def _is_parsed(self, name: str) -> bool:
        rule = self.plan.contract.column(name).privacy
        return name in self.plan.mapped_columns and (rule is None or rule.generalise is not None)
