"""A column worked out of others: the small language of `expression` in a mapping, read into a tree and nothing else.

Text is parsed by sqlglot and every node is held against a list of what may stand there; what is left are headers, constants,
sums, the first that is filled, and a choice by equality. Nothing is ever executed as SQL or Python. Not here: working one out
over rows (conforming.expressions).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

_LONGEST, _DEEPEST, MOST_TERMS = 1000, 20, 10


@dataclass(frozen=True)
class Header:
    """The cell under a delivered header."""

    name: str


@dataclass(frozen=True)
class Constant:
    """A text; None is nothing."""

    text: str | None


@dataclass(frozen=True)
class Sum:
    """Terms added (+1) or taken away (-1); nothing when one of them is nothing."""

    terms: tuple[tuple[int, Expression], ...]


@dataclass(frozen=True)
class FirstFilled:
    """The first part that is something."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Same:
    """Whether two are the same text (nothing is the same as nothing)."""

    left: Expression
    right: Expression


@dataclass(frozen=True)
class AnyOf:
    """Whether one of several conditions holds."""

    conditions: tuple[Same, ...]


@dataclass(frozen=True)
class Case:
    """What stands at the first condition that holds, else `otherwise`."""

    branches: tuple[tuple[AnyOf, Expression], ...]
    otherwise: Expression


Expression: TypeAlias = Header | Constant | Sum | FirstFilled | Case
NOTHING = Constant(None)


class ExpressionError(ValueError):
    """The text says something that an expression may not say. The sentence is in both languages."""


@lru_cache(maxsize=1024)
def parse(text: str) -> Expression:
    """The tree of an expression. Raises ExpressionError."""
    import sqlglot

    if len(text) > _LONGEST:
        raise ExpressionError(
            f"expression 不超过 {_LONGEST} 个字 / an expression has at most {_LONGEST} characters"
        )
    try:
        statements = sqlglot.parse(text, dialect="duckdb")
    except (sqlglot.errors.SqlglotError, RecursionError):
        raise ExpressionError(
            '写不成式:表头含空格、括号等时加双引号,文字加单引号,如 "金额(元)" + 0 / '
            "cannot be read: headers with blanks or brackets in double quotes, texts in single ones"
        ) from None
    if len(statements) != 1 or statements[0] is None:
        raise ExpressionError("只写一个式子 / write one expression")
    tree = _read(statements[0], 0)
    if sum(len(node.terms) for node in _nodes(tree) if isinstance(node, Sum)) > MOST_TERMS:
        raise ExpressionError(f"加减不超过 {MOST_TERMS} 项 / at most {MOST_TERMS} terms are added")
    if not headers(tree):
        raise ExpressionError("没有用到任何表头;固定值用 const / no header in it: a constant is `const`")
    return tree


def headers(tree: Expression) -> tuple[str, ...]:
    """Delivered headers that are read, each once, in the order in which they stand there."""
    return tuple(dict.fromkeys(node.name for node in _nodes(tree) if isinstance(node, Header)))


def _nodes(tree: Expression) -> Iterator[Expression]:
    yield tree
    parts: list[Expression] = []
    match tree:
        case Sum(terms):
            parts = [term for _, term in terms]
        case FirstFilled(each):
            parts = list(each)
        case Case(branches, otherwise):
            for condition, value in branches:
                parts += [side for same in condition.conditions for side in (same.left, same.right)]
                parts.append(value)
            parts.append(otherwise)
    for part in parts:
        yield from _nodes(part)


def _read(node: Any, depth: int) -> Expression:
    """One node of sqlglot as one of ours; anything that is not listed here is refused."""
    from sqlglot import exp

    if depth > _DEEPEST:
        raise ExpressionError("层数太多 / nested too deep")

    def inner(each: Any) -> Expression:
        return _read(each, depth + 1)

    match node:
        case exp.Paren():
            return inner(node.this)
        case exp.Column() if isinstance(node.this, exp.Identifier) and node.args.get("table") is None:
            return Header(node.name)
        case exp.Literal():
            return Constant(node.name)
        case exp.Null():
            return NOTHING
        case exp.Neg():
            return _sum([(-1, inner(node.this))])
        case exp.Add() | exp.Sub():
            sign = 1 if isinstance(node, exp.Add) else -1
            return _sum([(1, inner(node.this)), (sign, inner(node.expression))])
        case exp.Coalesce():
            return FirstFilled(tuple(map(inner, [node.this, *node.expressions])))
        case exp.Case():
            return _case(node, inner)
    raise _refused(node)


def _case(node: Any, inner: Any) -> Case:
    """Both ways of writing it: `case X when 'a' then …` and `case when X = 'a' then …`."""
    otherwise = inner(node.args["default"]) if node.args.get("default") is not None else NOTHING
    branches = []
    for branch in node.args["ifs"]:
        compared = node.this and AnyOf((Same(inner(node.this), inner(branch.this)),))
        branches.append((compared or _condition(branch.this, inner), inner(branch.args["true"])))
    return Case(tuple(branches), otherwise)


def _condition(node: Any, inner: Any) -> AnyOf:
    from sqlglot import exp

    match node:
        case exp.Paren():
            return _condition(node.this, inner)
        case exp.EQ():
            return AnyOf((Same(inner(node.this), inner(node.expression)),))
        case exp.Is() if isinstance(node.expression, exp.Null):
            return AnyOf((Same(inner(node.this), NOTHING),))
        case exp.In() if node.expressions:
            return AnyOf(tuple(Same(inner(node.this), inner(each)) for each in node.expressions))
        case exp.Or():
            both = (_condition(node.this, inner), _condition(node.expression, inner))
            return AnyOf(tuple(same for each in both for same in each.conditions))
    raise _refused(node)


def _sum(terms: list[tuple[int, Expression]]) -> Sum:
    """Sums within sums side by side."""
    flat: list[tuple[int, Expression]] = []
    for sign, term in terms:
        inside = term.terms if isinstance(term, Sum) else ((1, term),)
        flat += [(sign * own, each) for own, each in inside]
    return Sum(tuple(flat))


def _refused(node: Any) -> ExpressionError:
    said = type(node).__name__
    return ExpressionError(
        f"expression 里不能写 {said};只能用表头、'文字'、数、+、-、coalesce(…)、case … when … then … else … end(条件用 =、in、is null、or) / "
        f"an expression may not hold {said}: only headers, 'texts', numbers, +, -, coalesce(…), case … end with =, in, is null, or"
    )
