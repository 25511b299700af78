"""Tests of the ways in: every format, every damage. `fuzzing` damages at random (`make fuzz`). Not here: what a column means."""
