"""A fact is judged by what its model says of itself: a new one needs no line in suites/core.yml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from expectations import facts
from expectations.check import load_suite
from sources.contracts.load import load_contracts

FACT = """\
models:
  - name: fct_bill
    description: '票据,一张一行 | Bills, one row each'
    config:
      meta: {feed: his_bill, money: amount_fen}
    data_tests:
      - unique_key:
          name: fct_bill_key
          arguments: {columns: [deliverer_id, bill_id]}
"""


@pytest.fixture
def core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of models with nothing in it, read instead of the project's."""
    monkeypatch.setattr(facts, "CORE", tmp_path)
    _forget()
    yield tmp_path
    _forget()


def _forget() -> None:
    facts.load_facts.cache_clear()
    facts._models.cache_clear()


def test_a_new_fact_is_judged_by_its_own_words(core: Path) -> None:
    (core / "fct_bill.yml").write_text(FACT, encoding="utf-8")
    (check,) = [check for check in load_suite("core") if check.check_id.endswith(".key_unique")]
    assert check.check_id == "core.fct_bill.key_unique"
    assert check.arguments == {"column_list": ["deliverer_id", "bill_id"]}
    assert check.rule_zh == "票据主键(deliverer_id, bill_id)不重复"
    (fact,) = facts.load_facts()
    assert (fact.feed, fact.money) == ("his_bill", "amount_fen")


def test_a_fact_without_a_key_is_refused(core: Path) -> None:
    (core / "fct_bill.yml").write_text(FACT.replace("unique_key:", "not_null:"), encoding="utf-8")
    with pytest.raises(ValueError, match="fct_bill: one unique_key test"):
        facts.load_facts()


def test_the_key_of_every_fact_is_that_of_its_contract() -> None:
    """Column by column, so that a row of a fact can be found among the accepted rows of its feed."""
    for fact in facts.load_facts():
        contract = load_contracts()[fact.feed]
        assert not contract.keep_every_month or "month" in fact.key, fact
        assert len(fact.own_key(contract)) == len(contract.conformed_key), fact
