"""Tests of the room `orchestration`, without publishing (tests/publishing)."""
