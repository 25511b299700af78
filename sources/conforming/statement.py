"""One SQL statement per feed and mapping: reads normalised text, gives values, faults and hashes of every row.

Built from the contract and from which columns the mapping fills; nothing delivered ever stands in it. Text is parsed in
one layer and judged in the next, so that nothing is parsed twice. Not here: what is done with the result (batch).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sources.base.engine import literal, literals, quoted
from sources.base.privacy import TEST_NAME_PATTERNS
from sources.conforming import values
from sources.conforming.normalise import (
    GAP_SUFFIX,
    HOUR_SUFFIX,
    JUNK_SUFFIX,
    UNREAD_SUFFIX,
    has_gap_mark,
)
from sources.conforming.reshape import ORPHAN
from sources.conforming.rules import MARKS, Fault
from sources.conforming.value_checks import PARSED, Checks
from sources.connectors.delivered import LINE, MALFORMED
from sources.contracts.contract import TECHNICAL_SOURCES
from sources.contracts.date_bounds import BORN_BEFORE
from sources.contracts.words import Column, IdCard, Pseudonym, conformed_name
from sources.mappings.operations import OPERATIONS
from sources.mappings.plan import FeedPlan

RELATION = "delivered_batch"
FAULT = "fault:"
OUTPUT = "output:"
CONTROL_MONEY = "control_money"
MESSAGE = "message:"
ROW_HASH, KEY_HASH = "row_hash", "key_hash"
# Before the name of a column that tells whose entry of a list a row is.
ENTRY = "entry:"
EARLIEST_DATE, LATEST_DATE = "1880-01-01", "2100-01-01"
# A card born this many days before or after its bearer is somebody else's.
NOT_OWN_DAYS = 730
# GB/T 2261.1: sex not stated.
_NOT_STATED = "9"
_HARMLESS = ", ".join(str(int(fault)) for fault in (Fault.NONE, *sorted(MARKS)))
# A code or a part that cannot be read empties a nullable column; the row stays.
_UNKNOWN_CODE = (Fault.VALUE_NOT_IN_SET, Fault.DICTIONARY_GAP)
_ONLY_THE_VALUE = (*_UNKNOWN_CODE, Fault.PART_NOT_FOUND)


@dataclass(frozen=True)
class Statement:
    """The SQL, and how each conformed column is had from it.

    `passed`: conformed column ← text column that leaves as it came (not selected, to spare the copy).
    """

    sql: str
    passed: dict[str, str]


def build(plan: FeedPlan) -> Statement:
    """The statement of one feed under one mapping."""
    builder = _Builder(plan)
    for column in plan.contract.columns:
        if column.name in plan.mapped_columns:
            builder.add(column)
        elif column.privacy and column.privacy.id_card:
            builder.outputs[column.privacy.id_card.status_as] = "'missing'"
    builder.add_technical()
    return builder.statement()


@dataclass
class _Builder:
    """Collects expressions by layer: parsed and derived values, card status, faults, outputs; `cards`: numbers of cards that
    are sound.
    """

    plan: FeedPlan
    parsed: dict[str, str] = field(default_factory=dict)
    derived: dict[str, str] = field(default_factory=dict)
    status: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    passed: dict[str, str] = field(default_factory=dict)
    cards: dict[str, str] = field(default_factory=dict)

    @property
    def checks(self) -> Checks:
        return Checks(self.plan)

    # -- columns

    def add(self, column: Column) -> None:
        rule = column.privacy
        if rule is None:
            self._add_plain(column)
        elif rule.drop:
            self._add_dropped(column)
        elif rule.pseudonym:
            self._add_pseudonym(column, rule.pseudonym)
        elif rule.id_card:
            self._add_id_card(column, rule.id_card)
        elif rule.test_name:
            self._add_test_name(column)
        else:
            assert rule.generalise is not None, "privacy names exactly one of five ways"
            self._add_generalised(column, rule.generalise)

    def _add_plain(self, column: Column) -> None:
        if column.logical_type == "string" and column.format != "month":
            self._judge(column, self.checks.of_text(column))
            value = self.checks.without_own_name(column)
        else:
            value = self._parse(column)
            self._judge(column, self.checks.of_parsed(column, value))
        if column.logical_type == "date":
            value = f"{value}::date"
        if column.open_ended:
            value = f"case when {value} < {_day(LATEST_DATE)} then {value} end"
        if column.required and value == quoted(column.name):
            self.passed[conformed_name(column)] = column.name
        else:
            self.outputs[conformed_name(column)] = self._unless_faulty(column, value)

    def _add_dropped(self, column: Column) -> None:
        if column.required or self._has_junk(column):
            self._judge(column, [])
        if column.linkage == "id_card":
            body, *_, sound = self._read_card(column)
            self.cards[column.name] = f"case when {sound} then {body} end"

    def _add_pseudonym(self, column: Column, rule: Pseudonym) -> None:
        if rule.beside:
            self._add_plain(column)
        else:
            self._judge(column, self.checks.of_text(column))
        text = self._unless_faulty(column, quoted(column.name))
        scope = quoted(rule.scope) if rule.scope else "''"
        self.messages[rule.as_] = f"{literal(rule.namespace + '|')} || {scope} || '|' || {text}"

    def _add_generalised(self, column: Column, unit: str) -> None:
        moment = self._parse(column)
        self._judge(column, self.checks.of_parsed(column, moment))
        coarse = {"year": f"year({moment})::integer", "month": f"strftime({moment}, '%Y-%m')"}
        value = coarse[unit]
        self.outputs[conformed_name(column)] = self._unless_faulty(column, value)

    def _add_test_name(self, column: Column) -> None:
        rule, name = self.plan.mapping.test_patient, quoted(column.name)
        pattern = "|".join(f"(?:{p})" for p in (*TEST_NAME_PATTERNS, *rule.name_matches))
        is_test = f"regexp_matches({name}, {literal(pattern)})"
        if rule.except_:
            is_test += f" and {name} not in ({literals(rule.except_)})"
        self._judge(column, [(is_test, Fault.TEST_PATIENT)])
        rule_as = conformed_name(column)
        self.outputs[rule_as] = f"coalesce({is_test}, false)"

    def _add_id_card(self, column: Column, rule: IdCard) -> None:
        text, status = quoted(column.name), quoted(f"card_status:{column.name}")
        body, check, birth, sound = self._read_card(column)
        own_birth = quoted(PARSED + rule.birth_date_column)
        if rule.birth_date_column not in self.plan.mapped_columns:
            own_birth = "null::timestamp"
        apart = f"abs(date_diff('day', {birth}, {own_birth})) >= {NOT_OWN_DAYS}"
        other = "false"
        if rule.type_column in self.plan.mapped_columns:
            other = f"coalesce({quoted(rule.type_column)} <> '01', false)"
        self.status[status] = f"""case when {text} is null then 'missing'
            when {sound} then case when {apart} then 'not_own' else 'valid' end
            when {other} then 'missing' else 'invalid' end"""
        checks = [
            (f"{status} = 'invalid'", Fault.ID_CARD_INVALID),
            (f"{status} = 'not_own'", Fault.ID_CARD_NOT_OWN),
        ]
        self._judge(column, checks)
        self.cards[column.name] = f"case when {status} = 'valid' then {body} end"
        self.messages[rule.as_] = f"case when {status} = 'valid' then 'id_card||' || {body} || {check} end"
        self.outputs[rule.status_as] = status

    def _read_card(self, column: Column) -> tuple[str, str, str, str]:
        """Of a card number: names of its 17 digits, of the check character that belongs to them and of the birth date in them;
        and the condition that it is one.
        """
        text = quoted(column.name)
        body, check, birth = (quoted(f"card_{part}:{column.name}") for part in ("body", "check", "birth"))
        self.parsed[body] = values.id_card_body(text)
        self.derived[check] = values.id_card_check(body)
        self.derived[birth] = values.id_card_birth(body)
        whole = f"(strlen({text}) = 15 or upper(right({text}, 1)) = {check})"
        born = f"{birth} >= {_day(EARLIEST_DATE)} and {birth} < {BORN_BEFORE}"
        return body, check, birth, f"{whole} and {born}"

    def add_technical(self) -> None:
        """Operation flag and time of change, where the mapping has them."""
        for column in TECHNICAL_SOURCES:
            if column.name not in self.plan.mapped_columns:
                continue
            if column.name == "op_flag":
                text = quoted(column.name)
                self._judge(column, [(f"{text} not in ({literals(OPERATIONS)})", Fault.OPERATION_UNKNOWN)])
                self.outputs[column.name] = self._unless_faulty(column, text)
            else:
                self._add_plain(column)

    # -- building blocks

    def _parse(self, column: Column) -> str:
        """Name of the parsed value of a column (layer `parsed`)."""
        text, name = quoted(column.name), quoted(PARSED + column.name)
        source = self.plan.columns.get(column.name)
        if column.format == "month":
            self.parsed[name] = values.month(text)
        elif column.logical_type in ("date", "timestamp"):
            moment = self._moment(text)
            if source and source.join == "date_hour":
                moment = values.with_hour(moment, quoted(column.name + HOUR_SUFFIX))
            self.parsed[name] = moment
        elif column.is_money:
            self.parsed[name] = values.money(text, self.plan.money_unit(column.name))
        elif source and source.factor is not None:
            self.parsed[name] = values.scaled(text, column.duckdb_type, source.factor)
        elif column.logical_type == "integer":
            self.parsed[name] = values.integer(text, column.duckdb_type)
        else:
            self.parsed[name] = values.decimal(text, column.duckdb_type)
        return name

    def _moment(self, text: str) -> str:
        mapping = self.plan.mapping
        return values.timestamp(text, mapping.date_order, mapping.timezone)

    def _judge(self, column: Column, checks: list[tuple[str, Fault]]) -> None:
        """The first check that a value fails is its fault; a nullable column may lose the value instead of the row."""
        source = self.plan.columns.get(column.name)
        if source and source.takes_part:
            checks = [(quoted(column.name + UNREAD_SUFFIX), Fault.PART_NOT_FOUND), *checks]
        missing = "0"
        if column.required:
            missing = str(int(Fault.REQUIRED_MISSING))
        elif self._has_junk(column):
            junk = quoted(column.name + JUNK_SUFFIX)
            missing = f"case when {junk} then {int(Fault.DEFAULT_VALUE)} else 0 end"
        elif has_gap_mark(self.plan, column.name):
            gap = quoted(column.name + GAP_SUFFIX)
            missing = f"case when {gap} then {int(Fault.VALUE_NULLED)} else 0 end"
        branches = [f"when {quoted(column.name)} is null then {missing}"]
        branches += [f"when {condition} then {int(_weighed(column, fault))}" for condition, fault in checks]
        if self.plan.takes_orphans:
            own = int(Fault.ROW_NOT_SELECTED) if column.name == self.plan.contract.key[0] else 0
            branches.insert(0, f"when {quoted(ORPHAN)} then {own}")
        self.faults[column.name] = f"(case {' '.join(branches)} else 0 end)::utinyint"

    def _has_junk(self, column: Column) -> bool:
        source = self.plan.columns.get(column.name)
        joined = source is not None and (source.join == "date_hour" or source.const is not None)
        return column.name in self.plan.mapping.junk and not joined

    def _unless_faulty(self, column: Column, value: str) -> str:
        if column.required:
            return value
        return f"case when {quoted(FAULT + column.name)} in ({_HARMLESS}) then {value} end"

    # -- the whole

    def statement(self) -> Statement:
        faults = {quoted(FAULT + name): sql for name, sql in self.faults.items()}
        outputs = {quoted(OUTPUT + name): sql for name, sql in self.outputs.items()}
        outputs |= {quoted(MESSAGE + name): sql for name, sql in self.messages.items()}
        relation = RELATION
        for layer in (self.parsed, self.derived, self.status, faults, outputs):
            if layer:
                expressions = ", ".join(f"{sql} as {name}" for name, sql in layer.items())
                relation = f"(select *, {expressions} from {relation})"
        sql = f"""select {LINE}, {MALFORMED} is not null as {quoted(FAULT)}, {self._control_money()} as {CONTROL_MONEY},
            {self._row_hash()} as {ROW_HASH}, {self._key_hash()} as {KEY_HASH},
            {", ".join((*faults, *outputs, *self._entries()))} from {relation}"""
        return Statement(sql, self.passed)

    def _row_hash(self) -> str:
        """Hash of a row's text. Lengths tell cells apart only where a cell holds the separator: that costs time."""
        names = [quoted(name) for name in self._raw_columns()]
        joined = ", ".join(f"coalesce({name}, '')" for name in names)
        return f"""md5(case when contains(concat({", ".join(names)}), chr(31))
            then concat(getvariable('row_key'), {_with_lengths(names)})
            else concat_ws(chr(31), getvariable('row_key'), {joined}) end)"""

    def _key_hash(self) -> str:
        """Hash of a row's key as conformed and of its time of change: what tells one version of a record from another. A
        deletion is another version than what it deletes, also without a time.
        """
        parts = []
        for name in (*self.plan.contract.conformed_key, "src_update_ts"):
            if name in self.passed:
                parts.append(quoted(self.passed[name]))
            elif name in self.messages:
                parts.append(quoted(MESSAGE + name))
            elif name in self.outputs:
                parts.append(f"{quoted(OUTPUT + name)}::varchar")
        if "op_flag" in self.outputs:
            parts.append(f"case when {quoted(OUTPUT + 'op_flag')} = 'D' then 'D' end")
        return f"md5(concat({_with_lengths(parts)}))"

    def _entries(self) -> Iterator[str]:
        """What a row of a list states of whose entry it is, hashed; null where it leaves it open."""
        for name in self.plan.contract.same_entry:
            if name in self.plan.mapped_columns:
                value = self._stated(self.plan.contract.column(name))
                yield f"case when {value} is not null then hash({value}) end as {quoted(ENTRY + name)}"

    def _stated(self, column: Column) -> str:
        """A value as it is compared with that of another row: how it is written does not matter."""
        name = quoted(column.name)
        if column.name in self.cards:
            return f"({self.cards[column.name]})"
        if quoted(PARSED + column.name) in self.parsed:
            value = quoted(PARSED + column.name)
            value = f"{value}::date" if column.logical_type == "date" else value
        else:
            value = values.bare_words(name)
        if column.linkage == "sex":
            value = f"nullif({value}, '{_NOT_STATED}')"
        if column.name not in self.faults:
            return f"({value})"
        return f"case when {quoted(FAULT + column.name)} in ({_HARMLESS}) then {value} end"

    def _raw_columns(self) -> list[str]:
        hours = {
            name + HOUR_SUFFIX for name, source in self.plan.columns.items() if source.join == "date_hour"
        }
        return sorted(self.plan.mapped_columns | hours)

    def _control_money(self) -> str:
        name = self.plan.contract.control_money
        if name is None or name not in self.plan.mapped_columns:
            return "null::bigint"
        source, value = self.plan.columns.get(name), quoted(PARSED + name)
        if source is not None and source.takes_part:
            return f"case when not coalesce({quoted(name + UNREAD_SUFFIX)}, false) then {value} end"
        return value


def _with_lengths(texts: Sequence[str]) -> str:
    """Texts side by side, each after its length, so that no two rows read alike."""
    return ", ".join(f"coalesce(strlen({text}) || ':' || {text}, '-')" for text in texts)


def _weighed(column: Column, fault: Fault) -> Fault:
    """What a fault means for this column: a nullable one may be set to null instead."""
    softened = column.when_invalid == "nullify" or fault in _ONLY_THE_VALUE
    if fault > Fault.REQUIRED_MISSING and softened and not column.required:
        return Fault.CODE_NULLED if fault in _UNKNOWN_CODE else Fault.VALUE_NULLED
    return fault


def _day(day: str) -> str:
    return f"timestamp '{day}'"
