"""From GX answers to rows: how many violated, of how many, at which institution, in which month, with what
outcome.

Two kinds of relations are judged. In a *table* each row stands for itself: violations are counted, and a
slice (institution × month) passes while they stay within the check's threshold. In a *profile* each row
stands for a whole
batch: GX judges the batch, and the check says which columns hold the numbers to publish.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from expectations.check import Check
from expectations.gx_session import SCOPE_SCHEMA, Answer, Session

SLICE = ("institution_id", "month")
EXAMPLES = 5
# Columns that may be shown: keys made by us, codes of rules and indicators, and where a row came from.
SHOWN = (
    "feed",
    "batch_id",
    "source_batch_id",
    "source_file",
    "source_line",
    "kpi_id",
    "dimension",
    "kpi_window",
    "window",
    "status",
    "problem",
)

Row = dict[str, Any]
Examples = dict[str, list[Row]]


def judge_all(
    session: Session,
    checks: Sequence[Check],
    months: Sequence[str],
    not_made: Mapping[str, str] | None = None,
) -> tuple[list[Row], Examples]:
    """Judge every check on the relation it names. Returns all rows, and masked examples per failing check.

    not_made: relation → why it could not be made; its checks, like those of an absent table, become errors.
    """
    rows: list[Row] = []
    examples: Examples = {}
    for relation, group in by_subject(checks).items():
        reason = (not_made or {}).get(relation) or (
            None if session.columns(relation) else f"no table {relation}"
        )
        if reason:
            rows += [_unreadable(check, reason, months[-1]) for check in group]
            continue
        judge = judge_profile if group[0].violated else judge_table
        more, found = judge(session, relation, group, months)
        rows += more
        examples |= found
    return rows, examples


def judge_table(
    session: Session, relation: str, checks: Sequence[Check], months: Sequence[str]
) -> tuple[list[Row], Examples]:
    """Judge a table of `scope`. Returns its rows and, per failing check, masked examples."""
    totals = _counts(session, f"select {', '.join(SLICE)} from {SCOPE_SCHEMA}.{relation}")
    rows: list[Row] = []
    examples: Examples = {}
    for answer in session.judge(relation, checks, [*SLICE, *SHOWN]):
        rows += _table_rows(session, answer, totals, months)
        if answer.violations_sql:
            examples[answer.check.check_id] = _examples(session, answer.violations_sql)
    return rows, examples


def judge_profile(
    session: Session, relation: str, checks: Sequence[Check], months: Sequence[str]
) -> tuple[list[Row], Examples]:
    """Judge a profile of `scope` (a column `feed` names the subject; `check_suffix`, if there, splits the
    check).
    """
    rows: list[Row] = []
    examples: Examples = {}
    split = "check_suffix" in session.columns(relation)
    for answer in session.judge(relation, checks, [*SLICE, *SHOWN, "check_suffix"]):
        rows += _profile_rows(session, relation, answer, split, months)
        if answer.violations_sql:
            examples[answer.check.check_id] = _examples(session, answer.violations_sql, limit=EXAMPLES * 10)
    return rows, examples


def row(check: Check, institution_id: str | None, month: str, violated: int, total: int, outcome: str) -> Row:
    """One row, as published plus `waivable`; the message says what must hold, and when it does not, how to
    mend it.
    """
    held = outcome in ("pass", "not_applicable")
    return {
        "check_id": check.check_id,
        "gate": check.gate,
        "subject": check.subject,
        "institution_id": institution_id,
        "month": month,
        "kahn_category": check.category,
        "severity": check.severity,
        "violated": violated,
        "total": total,
        "threshold_pct": check.threshold_pct,
        "outcome": outcome,
        "waivable": check.waivable,
        "message_zh": check.rule_zh if held else f"不符合:{check.rule_zh}。{check.mend_zh}",
        "message_en": check.rule_en if held else f"Violated: {check.rule_en}. {check.mend_en}",
    }


def _table_rows(
    session: Session, answer: Answer, totals: dict[tuple, int], months: Sequence[str]
) -> list[Row]:
    check = answer.check
    if answer.error:
        return [_unreadable(check, answer.error, months[-1])]
    violated = _counts(session, answer.violations_sql) if answer.violations_sql else {}
    slices = sorted({*totals, *violated}, key=str)
    seen = {month for _, month in slices}
    silent = [] if None in seen else [month for month in months if month not in seen]
    return [row(check, None, month, 0, 0, "not_applicable") for month in silent] + [
        row(
            check,
            institution,
            month,
            count := violated.get((institution, found), 0),
            max(totals.get((institution, found), 0), count),
            _outcome(check, count, totals.get((institution, found), 0)),
        )
        for institution, found in slices
        for month in ([found] if found else months)  # what has no month is said of every month judged
    ]


def _profile_rows(
    session: Session, relation: str, answer: Answer, split: bool, months: Sequence[str]
) -> list[Row]:
    check = answer.check
    if answer.error:
        return [_unreadable(check, answer.error, months[-1])]
    keys = ["feed", *(["check_suffix"] if split else []), *SLICE]
    names = ", ".join(keys)
    sums = session.duckdb.execute(
        f"select {names}, sum({check.violated})::bigint, sum({check.total})::bigint "
        f"from {SCOPE_SCHEMA}.{relation} group by all order by all"
    ).fetchall()
    bad: set[tuple[Any, ...]] = set()
    if answer.violations_sql:
        bad = set(
            session.duckdb.execute(f"select distinct {names} from ({answer.violations_sql})").fetchall()
        )
    return [
        _profile_row(check, tuple(place), split, violated, total, tuple(place) in bad)
        for *place, violated, total in sums
    ]


def _profile_row(
    check: Check, place: tuple[str, ...], split: bool, violated: int, total: int, is_bad: bool
) -> Row:
    feed, institution, month = place[0], place[-2], place[-1]
    own = compiled(check, feed, place[1] if split else None)
    return row(own, institution, month, violated, total, _not_passed(check) if is_bad else "pass")


def compiled(check: Check, feed: str, suffix: str | None) -> Check:
    """The check of a profile, for one feed: `feed.batch_profile.usable` of his_rx is `feed.his_rx.usable`."""
    rule = check.check_id.rsplit(".", 1)[-1]
    parts = [check.gate, feed, *([suffix] if suffix else []), rule]
    words = {"{feed}": feed, "{column}": suffix or ""}
    texts = {key: _fill(getattr(check, key), words) for key in ("rule_zh", "rule_en", "mend_zh", "mend_en")}
    return check.model_copy(update={"check_id": ".".join(parts), "subject": feed, **texts})


def _fill(text: str, words: dict[str, str]) -> str:
    for word, value in words.items():
        text = text.replace(word, value)
    return text


def _outcome(check: Check, violated: int, total: int) -> str:
    within = violated <= check.tolerated or violated * 100 <= check.threshold_pct * total
    return "pass" if within else _not_passed(check)


def _not_passed(check: Check) -> str:
    return "fail" if check.severity == "critical" else "warn"


def _unreadable(check: Check, error: str, month: str) -> Row:
    found = row(check, None, month, 0, 0, "error")
    first_line = error.strip().splitlines()[0][:300]
    found["message_zh"] = f"无法判断:{check.rule_zh}({first_line})。这是程序或表结构的问题,请联系数据工程师。"
    found["message_en"] = f"Could not be judged: {check.rule_en} ({first_line}). Call the data engineer."
    return found


def _counts(session: Session, sql: str) -> dict[tuple, int]:
    found = session.duckdb.execute(
        f"select {', '.join(SLICE)}, count(*) from ({sql}) group by all"
    ).fetchall()
    return {(institution, month): count for institution, month, count in found}


def _examples(session: Session, sql: str, limit: int = EXAMPLES) -> list[Row]:
    cursor = session.duckdb.execute(f"select distinct * from ({sql}) order by all limit {limit}")
    names = [column[0] for column in cursor.description]
    return [_plain(dict(zip(names, values, strict=True))) for values in cursor.fetchall()]


def _plain(found: Row) -> Row:
    return {
        key: value if isinstance(value, int | float | None) else str(value) for key, value in found.items()
    }


def by_subject(checks: Iterable[Check]) -> dict[str, list[Check]]:
    """Checks grouped by the relation they judge, in order of first appearance."""
    groups: dict[str, list[Check]] = {}
    for check in checks:
        groups.setdefault(check.subject, []).append(check)
    return groups
