"""Tests of the warehouse: what is built, what others rely on, what every model says of itself. Not here: the gates over its data."""
