"""What a model of a file refuses."""

from __future__ import annotations

import pytest
from pydantic import Field, ValidationError

from sources.base.strict import Strict


class Rule(Strict):
    as_: str = Field(alias="as")
    limit: int = 3


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        Rule.model_validate({"as": "x", "limits": 4})


def test_what_was_read_stays_as_it_is() -> None:
    rule = Rule.model_validate({"as": "x"})
    with pytest.raises(ValidationError, match="frozen"):
        rule.limit = 4


def test_a_field_is_given_by_its_alias_or_by_its_name() -> None:
    assert Rule.model_validate({"as": "x"}) == Rule(as_="x")
