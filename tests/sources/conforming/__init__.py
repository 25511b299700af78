"""Tests of values and rows under a contract, and of the accounts over them. Not here: how files are read."""
