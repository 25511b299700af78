"""OUT: from a judged build to a release that can be read, compared and walked back.

Belongs here: writing a release (release.py and what it is made of) and reading releases (history.py). The
ledger, signatures, PostgreSQL and the site will be further modules of this room. Plain Python: runs without
Dagster.
"""
