"""Tests of the mapping language, and of the vendor differences V01–V40 it answers."""
