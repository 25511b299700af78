"""OUT: from a judged build to a release that can be read, compared and walked back.

Belongs here: writing a release (release.py and what it is made of), reading releases (compare.py, walkback.py),
and what the published tables say of themselves (mart_dictionary.py). The ledger, signatures, PostgreSQL and the
site will be further modules of this room. Plain Python: runs without Dagster.
"""
