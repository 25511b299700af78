"""Tests of the person index, from names to people with keys that last. `people` makes registers whose truth is known."""
