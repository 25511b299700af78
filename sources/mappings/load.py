"""Reading mapping files: built from YAML, then held against the contracts; every problem with its line.

Here: `mappings/<vendor>.yml` → MappingFile, and which inbox paths it claims. Not here: what a mapping may say (mapping,
language) or what can be wrong with it (checks).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from sources.base.yamlfile import Problem, read_yaml
from sources.mappings.checks import check_mapping
from sources.mappings.mapping import Mapping
from sources.mappings.plan import FeedPlan, plan_of

MONTH_PLACEHOLDERS = {"{month}": r"(?P<month>\d{4}-\d{2})", "{yyyymm}": r"(?P<yyyymm>\d{6})"}


@dataclass(frozen=True)
class MappingFile:
    """A mapping with the name (file stem) and hash under which manifests cite it."""

    name: str
    sha256: str
    mapping: Mapping

    def plan(self, feed: str) -> FeedPlan:
        """How this vendor fills that feed. Raises KeyError when it does not deliver it."""
        return plan_of(self.mapping, feed)

    def claim_pattern(self, feed: str) -> re.Pattern[str]:
        """Regular expression of the inbox paths this mapping claims for a feed, with groups institution, month, yyyymm."""
        file = self.mapping.feeds[feed].file
        assert file is not None, f"{feed} comes from a database: {self.name} claims no file for it"
        return path_pattern(file)


def path_pattern(template: str) -> re.Pattern[str]:
    """The inbox paths that a `file` of a mapping means."""
    groups = {"{institution}": r"(?P<institution>[^/]+?)", **MONTH_PLACEHOLDERS}
    seen: set[str] = set()
    parts = []
    for token in re.split(r"(\{institution\}|\{month\}|\{yyyymm\}|\*|\?)", template):
        if token in groups:
            name = token.strip("{}")
            parts.append(f"(?P={name})" if token in seen else groups[token])
            seen.add(token)
        else:
            parts.append({"*": "[^/]*", "?": "[^/]"}.get(token) or re.escape(token))
    return re.compile("".join(parts))


def path_like(template: str) -> str:
    """One of the inbox paths that a `file` of a mapping means."""
    words = {"{institution}": "x", "{month}": "2025-03", "{yyyymm}": "202503", "*": "", "?": "x"}
    for word, text in words.items():
        template = template.replace(word, text)
    return template


def load_mapping(path: Path, name: str) -> tuple[MappingFile | None, list[Problem]]:
    """One mapping file and everything wrong with it; no mapping when it cannot be used at all."""
    yaml_file = read_yaml(path, name)
    if yaml_file.problems:
        return None, yaml_file.problems
    try:
        mapping = Mapping.model_validate(yaml_file.content)
    except ValidationError as error:
        yaml_file.add_validation_errors(error, Mapping)
        return None, yaml_file.problems
    check_mapping(yaml_file, mapping)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return MappingFile(path.stem, sha256, mapping), yaml_file.problems
