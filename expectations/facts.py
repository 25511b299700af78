"""What dbt says of its facts: whose feed's rows they keep, under which key, and with which money.

Read from the YAML beside the models, whose key dbt itself tests: a new fact gets its core checks with no line in
suites/core.yml. Here: reading. Not here: what is checked of a fact (suites/core.yml), reading a manifest.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sources.base.yamlfile import load_own_yaml
from sources.contracts.contract import Contract

CORE = Path(__file__).parents[1] / "dbt_project" / "models" / "core"


@dataclass(frozen=True)
class Fact:
    """A table that keeps the rows of one feed.

    key: columns of its unique_key test: deliverer (unless one row of all deliverers' counts), month where every month's list is
    kept, and the contract's key in its order.
    money: its column for the feed's control money, in fen, if it has one.
    """

    table: str
    feed: str
    key: tuple[str, ...]
    money: str | None

    @property
    def is_by_deliverer(self) -> bool:
        """Whether it keeps a row of every deliverer."""
        return "deliverer_id" in self.key

    def own_key(self, contract: Contract) -> list[str]:
        """Its columns for the contract's key, in that order."""
        outside = {"deliverer_id", "month"} if contract.keep_every_month else {"deliverer_id"}
        return [name for name in self.key if name not in outside]


@functools.cache
def load_facts() -> tuple[Fact, ...]:
    """The models of the core whose `config.meta` names a feed, by name.

    Raises ValueError if one has no unique_key test.
    """
    return tuple(_fact(model) for model in _models() if "feed" in _meta(model))


def names_of_tables() -> dict[str, str]:
    """Chinese name of every model of the core: its description up to the first comma or bracket."""
    return {model["name"]: re.split(r"[,( ]", model["description"])[0] for model in _models()}


def _fact(model: dict[str, Any]) -> Fact:
    meta = _meta(model)
    keys = [
        test["unique_key"]["arguments"]["columns"] for test in model["data_tests"] if "unique_key" in test
    ]
    if len(keys) != 1:
        raise ValueError(f"{model['name']}: one unique_key test names its key")
    return Fact(model["name"], meta["feed"], tuple(keys[0]), meta.get("money"))


def _meta(model: dict[str, Any]) -> dict[str, Any]:
    return model.get("config", {}).get("meta", {})


@functools.cache
def _models() -> tuple[dict[str, Any], ...]:
    files = (load_own_yaml(path.read_text("utf-8")) for path in CORE.rglob("*.yml"))
    models = [model for content in files for model in content.get("models", [])]
    return tuple(sorted(models, key=lambda model: model["name"]))
