"""Tests of what every room of `sources` uses and that knows nothing of medicine."""
