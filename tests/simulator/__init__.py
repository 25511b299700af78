"""Tests of the simulated county: its truth, its defects, its formats. Not here: what the rooms make of its files."""
