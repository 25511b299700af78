"""Tests of the gates: what each finds, what it shows of the rows, what a waiver excuses. Not here: what stops a run."""
