"""Tests mirror the rooms. They go through the front door: files in an inbox, commands, published tables. Not here: fixtures of one room."""
