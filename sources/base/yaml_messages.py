"""What is wrong with a YAML file, said to the person who wrote it: broken syntax, and content that pydantic does not accept.

Here: the sentences, and the keys that may stand where an unknown one stands. Not here: reading (yamlfile) or lines.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from sources.base.likeness import nearest

Place = tuple[str | int, ...]

# What stands in the parser's sentence → what to say. The first three are told at the place where the open part begins.
_OPEN = {
    "flow sequence": ("从这里开始的 [ 没有用 ] 收尾", "the [ that begins here is not closed by ]"),
    "flow mapping": ("从这里开始的 { 没有用 } 收尾", "the { that begins here is not closed by }"),
    "quoted scalar": ("从这里开始的引号没有收尾", "the quote that begins here is not closed"),
}
_SYNTAX = {
    "tab": ("缩进用了制表符,请改成空格", "a tab in the indentation: use blanks"),
    "'\\t'": ("缩进用了制表符,请改成空格", "a tab in the indentation: use blanks"),
    "mapping values": (
        "缩进不齐,或一行里有两个冒号(含冒号的文字请加引号)",
        "uneven indentation, or a second colon in the line (quote texts that hold one)",
    ),
    "cannot start any token": (
        "有制表符(请改成空格)或 YAML 的特殊字符(如 @ ` %,请给文字加引号)",
        "a tab (use blanks) or a character that is special in YAML (such as @ ` %: quote the text)",
    ),
    "expected": ("缩进不齐,或缺少“键: 值”", "uneven indentation, or no `key: value`"),
}


def unreadable(error: yaml.YAMLError | UnicodeDecodeError) -> tuple[int, str, str]:
    """(line from 1, Chinese, English) of a file that is no YAML; line 0 when the whole file is meant."""
    if isinstance(error, UnicodeDecodeError):
        return 0, "不是 UTF-8 编码,请另存为 UTF-8", "not UTF-8: save it as UTF-8"
    context, problem = (str(getattr(error, name, "") or "") for name in ("context", "problem"))
    begun, stopped = (getattr(error, name, None) for name in ("context_mark", "problem_mark"))
    for part, (zh, en) in _OPEN.items():
        if part in context and begun:
            return begun.line + 1, f"YAML 写法有误:{zh}", f"broken YAML: {en}"
    said = (texts for part, texts in _SYNTAX.items() if part in problem)
    zh, en = next(said, ("请核对缩进、冒号和引号", "check indentation, colons and quotes"))
    return stopped.line + 1 if stopped else 0, f"YAML 写法有误:{zh}", f"broken YAML: {en}"


def invalid(error: ValidationError, model: type[BaseModel]) -> Iterator[tuple[Place, str, str]]:
    """(place, Chinese, English) of every error; a list that is only empty because its entries are wrong is none."""
    items = error.errors()
    places = [_place(item) for item in items]
    for item, place in zip(items, places, strict=True):
        inner = (other for other in places if len(other) > len(place) and other[: len(place)] == place)
        if not (item["type"] == "too_short" and any(inner)):
            yield place, *_said(item, place, model)


def _place(item: Any) -> Place:
    return tuple(part for part in item["loc"] if isinstance(part, (str, int)))


def _said(item: Any, place: Place, model: type[BaseModel]) -> tuple[str, str]:
    kind, context = item["type"], item.get("ctx") or {}
    if kind == "extra_forbidden":
        near = nearest(str(place[-1]), _keys_at(model, place[:-1]))
        return f"不认识的项,是否 {near}?", f"unknown key, did you mean {near}?"
    if kind == "literal_error":
        expected = context["expected"].replace("'", "")
        return f"只能是 {expected.replace(' or ', '、').replace(', ', '、')}", f"must be {expected}"
    if kind == "value_error":
        zh, separator, en = str(context["error"]).partition(" / ")
        return (zh, en) if separator else (f"取值不合规定:{zh}", zh)
    known = _PYDANTIC.get(kind)
    return (known.format(**context) if known else f"取值不合规定({kind})"), item["msg"]


_PYDANTIC = {
    "missing": "缺少必填项",
    "int_parsing": "要写整数",
    "int_type": "要写整数",
    "int_from_float": "要写整数",
    "float_parsing": "要写数字",
    "decimal_parsing": "要写数字",
    "bool_parsing": "要写 true 或 false",
    "string_type": "要写文字",
    "tuple_type": "要写列表([a, b] 或每行一个 -)",
    "list_type": "要写列表([a, b] 或每行一个 -)",
    "dict_type": "要写“键: 值”",
    "model_type": "要写“键: 值”",
    "model_attributes_type": "要写“键: 值”",
    "too_short": "至少要有 {min_length} 项",
    "string_too_short": "不能为空",
    "string_pattern_mismatch": "格式不符,要合乎 {pattern}",
    "greater_than": "要大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than": "要小于 {lt}",
    "less_than_equal": "不能大于 {le}",
}


def _keys_at(model: type[BaseModel], place: Place) -> list[str]:
    """The keys that a model knows at a place inside it."""
    found: Any = model
    for part in place:
        found = _inside(found, part)
    return [field.alias or name for name, field in found.model_fields.items()] if _is_model(found) else []


def _inside(annotation: Any, part: str | int) -> Any:
    """The type of one part of a model, dictionary or list; None when there is none."""
    if _is_model(annotation):
        fields = {field.alias or name: field.annotation for name, field in annotation.model_fields.items()}
        return _bare(fields.get(str(part)))
    arguments = get_args(annotation)
    if not arguments:
        return None
    return _bare(arguments[1] if get_origin(annotation) is dict else arguments[0])


def _bare(annotation: Any) -> Any:
    """A type without its annotations and without the choice of None."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return _bare(next(each for each in get_args(annotation) if each is not type(None)))
    return annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
