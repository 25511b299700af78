"""Tests of what becomes of a delivery, room by room. `making` makes counties and files for them. Not here: identity, simulator."""
