"""Refusals: why a whole delivery is not taken in, said to the people who can mend it.

Here: the exception every reader raises and the text it carries (what, where, how to mend; never a cell's value).
Not here: faults of single rows (conforming).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """A delivery refused: a code for programs and a sentence in Chinese and English for people."""

    code: str
    message_zh: str
    message_en: str

    def __str__(self) -> str:
        return f"[{self.code}] {self.message_zh} / {self.message_en}"


class RefusedError(ValueError):
    """Raised by a reader that cannot take the delivery in."""

    def __init__(self, code: str, message_zh: str, message_en: str) -> None:
        self.refusal = Refusal(code, message_zh, message_en)
        super().__init__(str(self.refusal))
