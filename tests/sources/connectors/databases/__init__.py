"""Tests of reading a database, against servers where they can be had. `making` fills them, `servers` finds them."""
