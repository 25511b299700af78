"""From GX answers to rows: how many violated, of how many, at which institution, in which month, with what
outcome.

Two kinds of relations are judged. In a *table* each row stands for itself: violations are counted by slice (institution ×
month). In a *profile* each row stands for a whole batch or delivery: the check says which columns hold the counts, and each
batch has a row of its own, so that the figures beside a verdict are those it was made of. The verdict itself: verdict.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from expectations.check import Check
from expectations.gx_session import SCOPE_SCHEMA, Answer, Session
from expectations.verdict import outcome_of
from sources.base.terms import PASSED

SLICE = ("institution_id", "month")
# What a row of a profile stands for, as far as the profile has these columns.
UNIT = ("feed", "check_suffix", *SLICE, "batch_id")
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
    "delivered_rows",
    "usual_rows",
    "accepted_rows",
    "unreconciled_rows",
    "unreconciled_fen",
    "unstored_rows",
    "unstored_fen",
    "unmapped_columns",
    "unexplained_rows",
    "unexplained_fen",
    "overwriting_rows",
    "charged_fen",
    "settled_fen",
    "settled_pct",
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
    """Judge a profile of `scope`: a column `feed` names the subject; `check_suffix`, if there, splits the check."""
    rows: list[Row] = []
    examples: Examples = {}
    columns = session.columns(relation)
    unit = [name for name in UNIT if name in columns]
    for answer in session.judge(relation, checks, [*UNIT, *SHOWN]):
        if answer.error:
            rows.append(_unreadable(answer.check, answer.error, months[-1]))
            continue
        judged = _judged_units(session, relation, answer, unit)
        rows += judged
        if answer.violations_sql:
            found = _examples(session, answer.violations_sql, limit=EXAMPLES * 10)
            beyond = {_place(each) for each in judged if each["outcome"] in ("fail", "warn")}
            examples[answer.check.check_id] = [each for each in found if _place(each) in beyond]
    return rows, examples


def _place(row: Row) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in (*SLICE, "batch_id"))


def row(
    check: Check,
    institution_id: str | None,
    month: str,
    violated: int,
    total: int,
    batch_id: str | None = None,
    outcome: str | None = None,
) -> Row:
    """One row, as published plus `waivable`; the message says what must hold, and when it does not, how to
    mend it. `outcome`: only of what was not judged; else the figures decide.
    """
    if outcome is None:
        outcome = outcome_of(violated, total, check.threshold_pct, check.tolerated, check.severity)
    held = outcome in PASSED
    return {
        "check_id": check.check_id,
        "gate": check.gate,
        "subject": check.subject,
        "institution_id": institution_id,
        "month": month,
        "batch_id": batch_id,
        "kahn_category": check.category,
        "severity": check.severity,
        "violated": violated,
        "total": total,
        "counts": check.counts,
        "threshold_pct": check.threshold_pct,
        "tolerated": check.tolerated,
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
    return [row(check, None, month, 0, 0, outcome="not_applicable") for month in silent] + [
        row(
            check,
            institution,
            month,
            count := violated.get((institution, found), 0),
            # Of rows that lack, or of groups, there may be more than rows there are.
            max(1 if check.counts == "groups" else totals.get((institution, found), 0), count),
        )
        for institution, found in slices
        for month in ([found] if found else months)  # what has no month is said of every month judged
    ]


def _judged_units(session: Session, relation: str, answer: Answer, unit: Sequence[str]) -> list[Row]:
    """A row per batch or delivery. What the check counts by 1 violates where GX finds it; other counts speak for themselves."""
    check = answer.check
    names = ", ".join(unit)
    sums = session.duckdb.execute(
        f"select {names}, coalesce(sum({check.violated}), 0)::bigint, coalesce(sum({check.total}), 0)::bigint "
        f"from {SCOPE_SCHEMA}.{relation} group by all order by all"
    ).fetchall()
    found: set[tuple[Any, ...]] = set()
    if answer.violations_sql:
        found = set(
            session.duckdb.execute(f"select distinct {names} from ({answer.violations_sql})").fetchall()
        )
    rows = []
    for *values, violated, total in sums:
        place = dict(zip(unit, values, strict=True))
        if check.violated == "1" and tuple(values) not in found:
            violated = 0
        own = compiled(check, place["feed"], place.get("check_suffix"))
        rows.append(
            row(
                own,
                place["institution_id"],
                place["month"],
                violated,
                max(total, violated),
                place.get("batch_id"),
            )
        )
    return rows


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


def _unreadable(check: Check, error: str, month: str) -> Row:
    found = row(check, None, month, 0, 0, outcome="error")
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
