"""YAML read in two ways. Files of a county are written by people: read with line numbers, every scalar kept as it stands.

`01` stays "01" and `no` stays "no": codes must not become numbers or booleans. Keys named twice are problems, not
silently the last one. Our own files (contracts, suites) are tested with the program and say numbers and flags in YAML's
own way: `load_own_yaml`. Not here: what the keys mean, and how pydantic's errors are said (yaml_messages).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from sources.base.yaml_messages import invalid, unreadable

_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_OwnLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# People's files are shallow and short; what is not would be put together for minutes, or end the process.
_DEEPEST, _MOST_PARTS = 40, 200_000


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to mend in a county folder. `file` is relative to the folder, `line` counts from 1 (0 = whole file)."""

    file: str
    line: int
    message_zh: str
    message_en: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message_zh} / {self.message_en}"


@dataclass
class YamlFile:
    """Content of one YAML file (texts, lists, mappings) and the line every part stands on."""

    name: str
    content: Any = None
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, *path: str | int) -> int:
        """Line of the innermost known part of `path`."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1

    def problem(self, path: tuple[str | int, ...], zh: str, en: str) -> None:
        self.problems.append(Problem(self.name, self.line(*path), zh, en))

    def add_validation_errors(self, error: ValidationError, model: type[BaseModel]) -> None:
        """Turn pydantic's errors about a model into problems with lines."""
        for place, zh, en in invalid(error, model):
            where = ".".join(str(part) for part in place) or "(文件 file)"
            self.problem(place, f"{where}: {zh}", f"{where}: {en}")


def read_yaml(path: Path, name: str) -> YamlFile:
    """Read one file. Unreadable YAML is a problem in the result, not an exception."""
    result = YamlFile(name)
    try:
        text = path.read_text(encoding="utf-8")
        if (line := _too_deep_at(text)) is not None:
            zh = f"层次超过 {_DEEPEST} 层,不是本项目的文件"
            result.problems.append(
                Problem(name, line, zh, f"nested deeper than {_DEEPEST}: no file of this project")
            )
            return result
        node = yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        result.problems.append(Problem(name, *unreadable(error)))
        return result
    try:
        result.content = {} if node is None else _build(node, (), result)
    except _TooMuchError:
        result.content, result.lines = {}, {}
        zh = f"展开引用(*别名)后超过 {_MOST_PARTS:,} 项,请写明内容"
        en = f"with its references (*alias) written out it has more than {_MOST_PARTS:,} parts: write the content itself"
        result.problems.append(Problem(name, 0, zh, en))
    return result


class _TooMuchError(ValueError):
    """References that multiply."""


def _too_deep_at(text: str) -> int | None:
    """The line on which a file is nested too deep to be put together, None for any other."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            return event.start_mark.line + 1 if event.start_mark else 1
    return None


def load_own_yaml(text: str) -> Any:
    """Content of a file that ships with the program, numbers and flags typed. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=_OwnLoader)  # noqa: S506 (a safe loader, in C where there is one)


def _build(node: yaml.Node, path: tuple[str | int, ...], result: YamlFile) -> Any:
    result.lines[path] = node.start_mark.line + 1
    if len(result.lines) > _MOST_PARTS:
        raise _TooMuchError
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, (*path, index), result) for index, child in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return node.value
    built: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key in built:
            line = key_node.start_mark.line + 1
            result.problems.append(
                Problem(result.name, line, f"键“{key}”重复", f"key {key!r} is given twice")
            )
        built[key] = _build(value_node, (*path, key), result)
        result.lines[(*path, key)] = key_node.start_mark.line + 1
    return built
