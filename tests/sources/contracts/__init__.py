"""Tests of contracts, their versions, and what is generated from them. Not here: how values are judged by one."""
