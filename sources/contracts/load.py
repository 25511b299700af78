"""Reading contract files: built from YAML, then held against the rules.

Here: `contracts/<system>/<feed>.yml` → Contract, all of them once per process. Not here: what a file may say (words), what
it must not say (rules).
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import yaml

from sources.base.yamlfile import load_own_yaml
from sources.contracts.contract import Contract
from sources.contracts.rules import problems
from sources.contracts.words import DOMAINS

CONTRACTS_DIR = Path(__file__).parent


def load_contract(path: Path) -> Contract:
    """One contract file. Raises ValueError naming the file and every problem in it."""
    try:
        contract = Contract.model_validate(load_own_yaml(path.read_text(encoding="utf-8")))
    except (ValueError, yaml.YAMLError) as error:
        raise ValueError(f"{path.name}: {error}") from error
    found = list(problems(contract))
    if (contract.id, contract.domain) != (path.stem, path.parent.name):
        found.append("id and domain must match the file and its folder")
    if found:
        raise ValueError(f"{path.name}: {'; '.join(found)}")
    return contract


@cache
def load_contracts() -> dict[str, Contract]:
    """Every contract, by feed, in the order of domain and name. Cached for the process."""
    paths = [path for domain in DOMAINS for path in sorted((CONTRACTS_DIR / domain).glob("*.yml"))]
    return {path.stem: load_contract(path) for path in paths}


@cache
def registers() -> dict[str, Contract]:
    """The registers of persons, by kind of record."""
    return {each.register_of: each for each in load_contracts().values() if each.register_of}


@cache
def contract_sha256(feed: str) -> str:
    """SHA-256 of the feed's contract file."""
    path = CONTRACTS_DIR / load_contracts()[feed].domain / f"{feed}.yml"
    return hashlib.sha256(path.read_bytes()).hexdigest()
