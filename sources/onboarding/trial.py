"""Checking one institution's delivery without landing it: what a person mending a mapping wants to see.

Here: the dry run and its findings. Not here: how they are shown (the command line). Examples carry no personal value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import pyarrow as pa

from sources.base.likeness import nearest
from sources.base.refusal import Refusal, RefusedError
from sources.conforming.accounting import Account
from sources.conforming.batch import Conformer
from sources.conforming.duplicates import EarlierRows
from sources.conforming.judged import BatchIdentity, Piece, RuleCount
from sources.conforming.rules import BLOCK_ABSENT, MAPPED_COLUMN_ABSENT, OWNER_UNREAD, QUARANTINED, Fault
from sources.conforming.tally import Tally
from sources.connectors.delivered import Delivered
from sources.county.county import County
from sources.intake.admission import Admission, Arrived, spare_headers
from sources.intake.delivery import Delivery
from sources.intake.extraction import delivered_month, unread
from sources.intake.inbox import find_deliveries, unclaimed_files, unmatched_totals
from sources.intake.receiving import opened, refuse_contested
from sources.mappings.plan import FeedPlan
from sources.mappings.wanted import read_file
from sources.onboarding.look import LOOKED_AT, FileLook, look_at
from sources.onboarding.sample import read_samples
from sources.onboarding.suggest import guess_feeds

_EXAMPLES = 3
# What is lost without a row being rejected: the person who writes the mapping has to decide about it.
_SILENT_LOSSES = (Fault.CODE_NULLED.name, BLOCK_ABSENT, MAPPED_COLUMN_ABSENT, OWNER_UNREAD)
# Nothing of a trial is kept or shown, so it needs no secret of the county.
_TRYING_KEY = b"a trial keeps no pseudonym"


@dataclass(frozen=True)
class ColumnMatch:
    """One contract column and the delivered headers it is read from; `delivered` says whether they are there, `near`
    names the unread headers most like the ones that are not.
    """

    column: str
    name_zh: str
    headers: tuple[str, ...]
    required: bool
    delivered: bool
    near: str = ""


@dataclass(frozen=True)
class Example:
    """One value that broke a rule, masked, and the line it stands on."""

    line: int
    masked_value: str | None


@dataclass(frozen=True)
class RuleFinding:
    """A rule broken in one column, with a few masked examples (of quarantined rows and emptied codes)."""

    rule: RuleCount
    examples: tuple[Example, ...]

    @property
    def wants_a_look(self) -> bool:
        """Whether rows are rejected, or values lost because the mapping does not say what they are."""
        return self.rule.disposition == QUARANTINED or self.rule.rule_id in _SILENT_LOSSES


@dataclass(frozen=True)
class FileReport:
    """What one file (or sheet) looks like. `refusal` is set when it would not be taken in; then there is no account.

    `file_rows` are those of the file, as a control total counts them: a wide sheet's account has others.
    """

    feed: str
    feed_name_zh: str
    month: str
    file: str
    sheet: str | None
    mapping: str
    encoding: str | None
    dialect: str | None
    matched: tuple[ColumnMatch, ...]
    unmapped_headers: tuple[str, ...]
    account: Account | None
    findings: tuple[RuleFinding, ...]
    refusal: Refusal | None
    look: FileLook | None = None
    file_rows: int | None = None


@dataclass(frozen=True)
class UnclaimedFile:
    """A file that no mapping claims, the feeds it is most like ([(feed, 0–1)]), or why it cannot be read."""

    file: str
    alike: tuple[tuple[str, float], ...]
    refusal: Refusal | None


@dataclass(frozen=True)
class DeliveryReport:
    """One institution's delivery: a report per file, feeds that are expected but missing, files nobody claims, lines of
    control files that speak of no file.
    """

    institution_id: str
    institution_name: str
    files: tuple[FileReport, ...]
    missing: tuple[tuple[str, str], ...]
    unclaimed: tuple[UnclaimedFile, ...]
    totals_of_nothing: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing wants a look: no file refused or missing, no rule that costs rows, codes or a mapped column."""
        broken = any(finding.wants_a_look for file in self.files for finding in file.findings)
        refused = any(file.refusal is not None for file in self.files)
        return not (broken or refused or self.missing or self.totals_of_nothing)


def check_delivery(county: County, institution: str, month: str | None = None) -> DeliveryReport:
    """Read what that deliverer has in the inbox (of one month, or of all) without landing anything.

    Raises ValueError when nobody of that id delivers.
    """
    if institution not in county.deliverers:
        there = "、".join(county.deliverers)
        raise ValueError(
            f"{institution} 不报送数据;报送方有:{there} / {institution} delivers nothing; there are: {there}"
        )
    deliveries = find_deliveries(county, months=[month] if month else None, institutions=[institution])
    with Conformer(
        _TRYING_KEY, county.institution_ids, county.speaks_for, county.settings.dates
    ) as conformer:
        files = tuple(_check_file(county, delivery, conformer) for delivery in deliveries)
    return DeliveryReport(
        institution,
        county.name_of(institution),
        files,
        tuple(_missing(county, institution, deliveries, month)),
        tuple(_unclaimed(county, name) for name in unclaimed_files(county) if institution in name),
        tuple(each for each in unmatched_totals(county, [month] if month else None) if institution in each),
    )


def _unclaimed(county: County, name: str) -> UnclaimedFile:
    try:
        samples = list(read_samples(county.inbox / name, name))
    except RefusedError as error:
        return UnclaimedFile(name, (), error.refusal)
    guesses = [
        guess for sample in samples for guess in guess_feeds(PurePosixPath(name).name, sample.profiles)
    ]
    best = {guess.feed: guess.fit for guess in sorted(guesses, key=lambda guess: guess.fit)}
    alike = sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
    return UnclaimedFile(name, tuple(alike), None)


def _missing(
    county: County, institution: str, deliveries: list[Delivery], month: str | None
) -> Iterator[tuple[str, str]]:
    """(month, feed) pairs that are expected and not there, for the months of which anything is there."""
    for each in [month] if month else sorted({delivery.month for delivery in deliveries}):
        there = {delivery.feed for delivery in deliveries if delivery.month == each}
        for feed in county.expected_feeds(institution):
            if feed not in there:
                yield each, feed


@dataclass
class _Seen:
    """What is seen of a delivery while it passes: how its rows are judged, masked examples, its first rows."""

    plan: FeedPlan
    delivered: Delivered | None = None
    tally: Tally = field(default_factory=Tally)
    examples: dict[tuple[str, str], list[Example]] = field(default_factory=dict)
    first: list[pa.Table] = field(default_factory=list)

    def add(self, conformer: Conformer, piece: Piece) -> None:
        """Judge one more chunk."""
        (part,) = conformer.conform(self.plan, [piece])
        self.tally.add(part)
        _add_examples(self.examples, part.quarantined)
        _add_examples(self.examples, part.emptied_codes)
        if sum(each.num_rows for each in self.first) < LOOKED_AT:
            self.first.append(piece.rows)

    def look(self, county: County) -> FileLook | None:
        if not self.first:
            return None
        return look_at(pa.concat_tables(self.first).slice(0, LOOKED_AT), self.plan, county.institution_ids)


def _check_file(county: County, delivery: Delivery, conformer: Conformer) -> FileReport:
    earlier = EarlierRows()
    report = _read_through(county, delivery, conformer, earlier)
    if reused := earlier.reused:
        report = _read_through(county, delivery, conformer, EarlierRows(reused))
    return report


def _read_through(
    county: County, delivery: Delivery, conformer: Conformer, earlier: EarlierRows
) -> FileReport:
    plan = county.mappings[delivery.mapping].plan(delivery.feed)
    seen, refusal = _Seen(plan), None
    admission = Admission(county, delivery, plan, conformer.delivered_fen)
    try:
        with _reading(county, delivery, plan) as (batch_id, delivered):
            seen.delivered = delivered
            batch = BatchIdentity(batch_id, delivery.institution_id, delivery.month, delivery.file)
            for chunk in admission.chunks(delivered):
                seen.add(conformer, Piece(batch, chunk, earlier))
            if not seen.first:
                seen.add(conformer, Piece(batch, delivered.schema.empty_table(), earlier))
            seen.tally.tell(admission.remarks)
    except RefusedError as error:
        refusal = error.refusal
    return _report(county, delivery, seen, admission.arrived, refusal)


def _report(
    county: County, delivery: Delivery, seen: _Seen, arrived: Arrived, refusal: Refusal | None
) -> FileReport:
    """A file as it is reported; of one that is refused nothing is accounted for."""
    plan, delivered, taken = seen.plan, seen.delivered, refusal is None
    is_table = not (refusal and refusal.code == "HEADER_NOT_RECOGNISED")
    return FileReport(
        feed=delivery.feed,
        feed_name_zh=plan.contract.name,
        month=delivery.month,
        file=delivery.file,
        sheet=delivery.sheet,
        mapping=delivery.mapping,
        encoding=delivered.encoding if delivered else None,
        dialect=delivered.dialect if delivered else None,
        matched=tuple(_matches(plan, delivered)),
        unmapped_headers=_unmapped(plan, delivered.header if delivered and is_table else ()),
        account=seen.tally.account if taken else None,
        findings=tuple(_findings(seen.tally, seen.examples)) if taken else (),
        refusal=refusal,
        look=seen.look(county),
        file_rows=arrived.rows if taken else None,
    )


@contextmanager
def _reading(county: County, delivery: Delivery, plan: FeedPlan) -> Iterator[tuple[str, Delivered]]:
    """Batch id (of a database only its place) and rows of a delivery. Raises RefusedError."""
    if delivery.is_database:
        with delivered_month(county, delivery, plan) as delivered:
            yield unread(county, delivery).batch_id, delivered
    else:
        with opened(county, delivery) as (file, source):
            refuse_contested(delivery)
            yield file.batch_id, read_file(source, plan)


def _matches(plan: FeedPlan, delivered: Delivered | None) -> Iterator[ColumnMatch]:
    there = plan.delivered_headers(delivered.header) if delivered else {}
    for column in plan.contract.columns:
        if column.name in plan.mapped_columns:
            headers = plan.headers_of(column.name)
            found = not plan.missing_headers(column.name, there)
            near = "" if found or not there else nearest(headers[0], spare_headers(there, plan))
            yield ColumnMatch(column.name, column.business_name, headers, column.required, found, near)


def _unmapped(plan: FeedPlan, header: Iterable[str]) -> tuple[str, ...]:
    known = plan.used_headers | plan.ignored_headers
    return tuple(name for folded, name in plan.delivered_headers(header).items() if folded not in known)


def _add_examples(examples: dict[tuple[str, str], list[Example]], broken: pa.Table) -> None:
    """Keep the first few examples of every rule and column."""
    for row in broken.select(["rule_id", "column_name", "source_line", "masked_value"]).to_pylist():
        kept = examples.setdefault((row["rule_id"], row["column_name"] or ""), [])
        if len(kept) < _EXAMPLES:
            kept.append(Example(row["source_line"], row["masked_value"]))


def _findings(tally: Tally, examples: dict[tuple[str, str], list[Example]]) -> Iterator[RuleFinding]:
    for rule in tally.rules:
        yield RuleFinding(rule, tuple(examples.get((rule.rule_id, rule.column_name), ())))
